-- Mentions and posts that concern a watch, kept 30 days; a later state of the subject replaces it.
CREATE TABLE IF NOT EXISTS matches
(
    event_id String,
    origin LowCardinality(String),
    watch String,
    watch_revision UInt64,
    subject String,
    subject_kind LowCardinality(String),
    network LowCardinality(String),
    address String,
    source String,
    published_at DateTime64(6, 'UTC'),
    observed_at DateTime64(6, 'UTC'),
    matched_at DateTime64(6, 'UTC'),
    terms Array(String),
    title Nullable(String),
    excerpt String,
    author Nullable(String),
    state LowCardinality(String),
    version UInt64 MATERIALIZED toUnixTimestamp64Micro(observed_at) * 2 + (state = 'deleted')
        COMMENT 'the latest state, and of one instant the deletion',
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT watch_given CHECK watch != '',
    CONSTRAINT subject_given CHECK subject != '',
    CONSTRAINT subject_kind_known CHECK subject_kind IN ('mention', 'post'),
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT address_given CHECK address != '',
    CONSTRAINT state_known CHECK state IN ('present', 'deleted'),
    CONSTRAINT published_at_possible CHECK toYear(published_at) BETWEEN 2000 AND 2099,
    CONSTRAINT observed_at_possible CHECK toYear(observed_at) BETWEEN 2000 AND 2099,
    CONSTRAINT matched_at_possible CHECK toYear(matched_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(version)
ORDER BY (watch, subject, origin)
TTL toDateTime(observed_at) + INTERVAL 30 DAY DELETE WHERE origin != 'simulation'
