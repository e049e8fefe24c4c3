-- The last time that reading an account ended in each way: what `sources` says of a network, without
-- all the jobs there were. Filled by 0017 from what 0015 writes.
CREATE TABLE IF NOT EXISTS latest_outcomes
(
    network LowCardinality(String),
    account String,
    operation LowCardinality(String),
    cause LowCardinality(String),
    origin LowCardinality(String),
    ended_at DateTime64(6, 'UTC')
)
ENGINE = {replicated}ReplacingMergeTree(ended_at)
ORDER BY (network, account, operation, cause, origin)
