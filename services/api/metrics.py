"""The metrics of the api: one line each, with its meaning."""

from libs.metrics import counter, gauge

OUTBOX_TOLD = counter("outbox_told", "Keys whose present state was told to their topic.")
OUTBOX_FAILURES = gauge("outbox_failures", "Failures of the relay since it last succeeded.")
