"""The metrics of the alert service, each with what it counts."""

from libs.metrics import counter, gauge, histogram

TEXTS_READ = counter("alerts_texts_read", "Texts compared with the watches.", "kind")
MATCHED = counter("alerts_matches", "Matches published.", "kind", "state")
RAISED = counter("alerts_raised", "Alerts raised.", "kind")
SILENCED = counter("alerts_silenced", "What was not told, by reason.", "reason")
DELIVERED = counter("alerts_deliveries", "Deliveries by outcome.", "channel", "outcome")
RETRIED = counter("alerts_delivery_retries", "Attempts to be made again.", "channel", "why")
WAITING = gauge("alerts_deliveries_waiting", "Deliveries not yet done.", "channel")
WATCHES = gauge("alerts_watches", "Watches whose decider is here.")
SNAPSHOTS = counter("alerts_snapshots", "Snapshots of deciders written.")
TOLD_AFTER = histogram(
    "alerts_told_after_seconds",
    "From the newest evidence's publication to the recipient's acceptance.",
    "channel",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
)
