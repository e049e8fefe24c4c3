-- What was worth telling, and the evidence.
CREATE TABLE IF NOT EXISTS alerts_raised
(
    event_id String,
    origin LowCardinality(String),
    alert String,
    watch String,
    watch_revision UInt64,
    territory String,
    kind LowCardinality(String),
    `group` String,
    title String,
    why String,
    evidence Array(Tuple(
        subject String,
        network String,
        address String,
        published_at DateTime64(6, 'UTC'),
        received_at DateTime64(6, 'UTC'),
        title Nullable(String),
        excerpt String,
        terms Array(String))),
    total UInt64,
    usual Nullable(UInt64),
    window_minutes Nullable(UInt64),
    raised_at DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT alert_given CHECK alert != '',
    CONSTRAINT watch_given CHECK watch != '',
    CONSTRAINT territory_given CHECK territory != '',
    CONSTRAINT kind_known CHECK kind IN ('match', 'peak', 'threshold', 'rank', 'silence', 'source_failed'),
    CONSTRAINT total_possible CHECK total <= 4611686018427387904,
    CONSTRAINT raised_at_possible CHECK toYear(raised_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(raised_at)
ORDER BY (watch, alert, origin)
