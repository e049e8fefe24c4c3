"""The metrics that the api shows: its own, and what it asks of broker and engine for all."""

from contracts.operations import metrics
from libs.metrics import counter, gauge, histogram

REQUESTS = counter(metrics.HTTP_REQUESTS)
REQUEST_SECONDS = histogram(metrics.HTTP_REQUEST_SECONDS)
OUTBOX_TOLD = counter(metrics.OUTBOX_TOLD)
OUTBOX_FAILURES = gauge(metrics.OUTBOX_FAILURES)
OUTBOX_WAITING = gauge(metrics.OUTBOX_WAITING)
OUTBOX_OLDEST = gauge(metrics.OUTBOX_OLDEST_SECONDS)
GROUP_LAG = gauge(metrics.GROUP_LAG_RECORDS)
GROUP_LAG_SECONDS = gauge(metrics.GROUP_LAG_SECONDS)
GROUP_MEMBERS = gauge(metrics.GROUP_MEMBERS)
DEAD_LETTERS = gauge(metrics.DEAD_LETTERS)
ACCOUNTS = gauge(metrics.ACCOUNTS)
READING_AGE = gauge(metrics.READING_AGE_SECONDS)
READING_LATE = gauge(metrics.READING_LATE_RATIO)
MONTH_COMPUTED = gauge(metrics.MONTH_COMPUTED_TIMESTAMP_SECONDS)
DISK_FREE = gauge(metrics.DISK_FREE_BYTES)
DISK_SIZE = gauge(metrics.DISK_SIZE_BYTES)
LOOKED = gauge(metrics.LOOKED_TIMESTAMP_SECONDS)
