-- How jobs of collection ended: the answer to « pourquoi cette source n’est-elle plus à jour ? ».
-- A job that two workers ran ended twice, and both endings are facts. What only the scheduler needs
-- (cursors, validators, posts read) is not stored.
CREATE TABLE IF NOT EXISTS collect_outcomes
(
    event_id String,
    origin LowCardinality(String),
    job String,
    network LowCardinality(String),
    operation LowCardinality(String),
    bucket LowCardinality(String),
    subject String,
    subjects Array(String),
    cause LowCardinality(String),
    detail Nullable(String),
    requests UInt64,
    quota_left Nullable(UInt64),
    retry_at Nullable(DateTime64(6, 'UTC')),
    page UInt64,
    slot DateTime64(6, 'UTC'),
    observed UInt64,
    gone Map(String, String),
    renamed Map(String, String),
    ended_at DateTime64(6, 'UTC'),
    INDEX subjects_held subjects TYPE bloom_filter GRANULARITY 4,
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT job_given CHECK job != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT operation_given CHECK operation != '',
    CONSTRAINT subject_given CHECK subject != '',
    CONSTRAINT cause_given CHECK cause != '',
    CONSTRAINT slot_possible CHECK toYear(slot) BETWEEN 2000 AND 2099,
    CONSTRAINT ended_at_possible CHECK toYear(ended_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(ended_at)
PARTITION BY toYYYYMM(ended_at)
ORDER BY (network, ended_at, job, origin)
