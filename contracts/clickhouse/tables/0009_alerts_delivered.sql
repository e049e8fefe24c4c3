-- Who was told, through what, with what outcome: the latest outcome of an alert for a recipient.
CREATE TABLE IF NOT EXISTS alerts_delivered
(
    event_id String,
    origin LowCardinality(String),
    alert String,
    watch String,
    channel LowCardinality(String),
    recipient String,
    outcome LowCardinality(String),
    why Nullable(String),
    message_id Nullable(String),
    attempts UInt64,
    delivered_at DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT alert_given CHECK alert != '',
    CONSTRAINT watch_given CHECK watch != '',
    CONSTRAINT channel_given CHECK channel != '',
    CONSTRAINT recipient_given CHECK recipient != '',
    CONSTRAINT outcome_known CHECK outcome IN ('delivered', 'failed', 'silent'),
    CONSTRAINT delivered_at_possible CHECK toYear(delivered_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(delivered_at)
ORDER BY (watch, alert, channel, recipient, origin)
