"""The metrics of the alert service, each with what it counts."""

from prometheus_client import Counter, Gauge, Histogram

TEXTS_READ = Counter("alerts_texts_read_total", "Texts compared with the watches", ["kind"])
MATCHED = Counter("alerts_matches_total", "Matches published", ["kind", "state"])
RAISED = Counter("alerts_raised_total", "Alerts raised", ["kind"])
SILENCED = Counter("alerts_silenced_total", "What was not told, by reason", ["reason"])
DELIVERED = Counter("alerts_deliveries_total", "Deliveries by outcome", ["channel", "outcome"])
RETRIED = Counter("alerts_delivery_retries_total", "Attempts to be made again", ["channel", "why"])
WAITING = Gauge("alerts_deliveries_waiting", "Deliveries not yet done", ["channel"])
WATCHES = Gauge("alerts_watches", "Watches whose decider is here")
SNAPSHOTS = Counter("alerts_snapshots_total", "Snapshots of deciders written")
TOLD_AFTER = Histogram(
    "alerts_told_after_seconds",
    "From the newest evidence's publication to the recipient's acceptance",
    ["channel"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600),
)
