"""The metrics of the wire."""

from contracts.operations import metrics
from libs.metrics import counter

BAD_RECORDS = counter(metrics.BAD_RECORDS)
