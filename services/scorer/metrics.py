"""The metrics of the scorer: one line each, with its meaning; the list is the documentation."""

from libs.metrics import counter, gauge, histogram

STORED = counter("scorer_stored", "Rows that ClickHouse has acknowledged, by table.", "table")
BAD = counter("scorer_bad", "Records sent to the dead letters, by topic.", "topic")
LAG = gauge("scorer_lag", "Records published and not yet read, by topic.", "topic")
BATCH = histogram(
    "scorer_batch",
    "Records read together.",
    buckets=(1, 10, 100, 1_000, 5_000, 10_000, 20_000, 50_000, 100_000),
)
INSERT_SECONDS = histogram(
    "scorer_insert_seconds",
    "Seconds until ClickHouse acknowledged a block.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ACKNOWLEDGED = gauge(
    "scorer_acknowledged_timestamp_seconds",
    "When ClickHouse last acknowledged a block (Unix time of the machine).",
)
WAITING = gauge("scorer_waiting", "1 while intake waits for the engine, else 0.")
