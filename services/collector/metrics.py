"""The metrics that the collector shows."""

from contracts.operations import metrics
from libs.metrics import counter, gauge, histogram

REQUESTS = counter(metrics.COLLECTOR_REQUESTS)
GRANTED = counter(metrics.COLLECTOR_JOBS_GRANTED)
DROPPED = counter(metrics.COLLECTOR_JOBS_DROPPED)
EVENTS = counter(metrics.COLLECTOR_EVENTS)
SKIPPED = counter(metrics.COLLECTOR_SKIPPED)
JOB_SECONDS = histogram(metrics.COLLECTOR_JOB_SECONDS)
SET_ASIDE = counter(metrics.COLLECTOR_SUBJECTS_SET_ASIDE)
QUOTA_LEFT = gauge(metrics.COLLECTOR_QUOTA_LEFT)
QUOTA_LEFT_RATIO = gauge(metrics.COLLECTOR_QUOTA_LEFT_RATIO)
OVERDUE = gauge(metrics.COLLECTOR_OVERDUE_SECONDS)
IN_FLIGHT = gauge(metrics.COLLECTOR_JOBS_IN_FLIGHT)
SUBJECTS = gauge(metrics.COLLECTOR_SUBJECTS)
LEADING = gauge(metrics.COLLECTOR_LEADING)
STREAM_EVENTS = counter(metrics.COLLECTOR_STREAM_EVENTS)
STREAM_LAG = gauge(metrics.COLLECTOR_STREAM_LAG_SECONDS)
