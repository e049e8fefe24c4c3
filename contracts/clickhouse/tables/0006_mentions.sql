-- What others said in public, kept 30 days; a deletion replaces what was said, and carries no text.
CREATE TABLE IF NOT EXISTS mentions
(
    event_id String,
    origin LowCardinality(String),
    mention String,
    network LowCardinality(String),
    address String,
    source String,
    state LowCardinality(String),
    published_at DateTime64(6, 'UTC'),
    observed_at DateTime64(6, 'UTC'),
    title Nullable(String),
    text String,
    language LowCardinality(Nullable(String)),
    author Nullable(String),
    version UInt64 MATERIALIZED toUnixTimestamp64Micro(observed_at) * 2 + (state = 'deleted')
        COMMENT 'the latest state, and of one instant the deletion',
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT mention_given CHECK mention != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT address_given CHECK address != '',
    CONSTRAINT state_known CHECK state IN ('present', 'deleted'),
    CONSTRAINT published_at_possible CHECK toYear(published_at) BETWEEN 2000 AND 2099,
    CONSTRAINT observed_at_possible CHECK toYear(observed_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY (mention, origin)
TTL toDateTime(observed_at) + INTERVAL 30 DAY DELETE WHERE origin != 'simulation'
