-- Texts of posts, kept 30 days. What is invented is kept: a demonstration has a clock of its own,
-- which the engine's does not follow.
CREATE TABLE IF NOT EXISTS post_texts
(
    event_id String,
    origin LowCardinality(String),
    post String,
    account String,
    network LowCardinality(String),
    address Nullable(String),
    published_at DateTime64(6, 'UTC'),
    observed_at DateTime64(6, 'UTC'),
    text String,
    language LowCardinality(Nullable(String)),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT post_given CHECK post != '',
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT published_at_possible CHECK toYear(published_at) BETWEEN 2000 AND 2099,
    CONSTRAINT observed_at_possible CHECK toYear(observed_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(observed_at)
ORDER BY (account, post, origin)
TTL toDateTime(observed_at) + INTERVAL 30 DAY DELETE WHERE origin != 'simulation'
