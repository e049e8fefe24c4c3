-- How jobs ended, once for each account that they were about: one account's are read alone. Filled
-- by 0015. In a batch, an account that does not answer any more is `gone`, however the job ended.
CREATE TABLE IF NOT EXISTS outcomes_by_account
(
    account String,
    ended_at DateTime64(6, 'UTC'),
    job String,
    origin LowCardinality(String),
    network LowCardinality(String),
    operation LowCardinality(String),
    cause LowCardinality(String),
    detail Nullable(String)
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (account, ended_at, job, origin)
SETTINGS index_granularity = 1024
