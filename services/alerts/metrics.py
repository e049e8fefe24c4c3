"""The metrics that the alert service shows."""

from contracts.operations import metrics
from libs.metrics import counter, gauge, histogram

TEXTS_READ = counter(metrics.ALERTS_TEXTS_READ)
MATCHED = counter(metrics.ALERTS_MATCHES)
RAISED = counter(metrics.ALERTS_RAISED)
SILENCED = counter(metrics.ALERTS_SILENCED)
DELIVERED = counter(metrics.ALERTS_DELIVERIES)
RETRIED = counter(metrics.ALERTS_DELIVERY_RETRIES)
WAITING = gauge(metrics.ALERTS_DELIVERIES_WAITING)
WATCHES = gauge(metrics.ALERTS_WATCHES)
SNAPSHOTS = counter(metrics.ALERTS_SNAPSHOTS)
RAISED_AFTER = histogram(metrics.ALERTS_RAISED_AFTER_SECONDS)
TOLD_AFTER = histogram(metrics.ALERTS_TOLD_AFTER_SECONDS)
