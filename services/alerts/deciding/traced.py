"""Of which trace an alert is: that of its newest piece of evidence; the others are linked."""

from contracts.alerts import AlertRaised, Evidence
from libs.tracing.spans import trace_id


def newest(alert: AlertRaised) -> Evidence | None:
    """Return what was published last of what made an alert; None where nothing was."""
    return max(alert.evidence, key=lambda one: one.published_at, default=None)


def trace_of(alert: AlertRaised | None) -> str | None:
    """Return the id of the trace of an alert, the same in the logs of every process."""
    last = newest(alert) if alert else None
    return trace_id(last.subject) if last else None
