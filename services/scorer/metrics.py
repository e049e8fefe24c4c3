"""The metrics that the scorer shows."""

from contracts.operations import metrics
from libs.metrics import counter, gauge, histogram

STORED = counter(metrics.SCORER_STORED)
BATCH = histogram(metrics.SCORER_BATCH_RECORDS)
INSERT_SECONDS = histogram(metrics.SCORER_INSERT_SECONDS)
ACKNOWLEDGED = gauge(metrics.SCORER_ACKNOWLEDGED_TIMESTAMP_SECONDS)
WAITING = gauge(metrics.SCORER_WAITING)
MONTH_OVERDUE = gauge(metrics.MONTH_OVERDUE_SECONDS)
