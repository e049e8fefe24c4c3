-- The last observation of each account: what pages show, without its whole history. Filled by
-- 0012; it keeps no sum, so that what is inserted again replaces itself.
CREATE TABLE IF NOT EXISTS latest_observations
(
    account String,
    origin LowCardinality(String),
    network LowCardinality(String),
    observed_at DateTime64(6, 'UTC'),
    followers Nullable(UInt64),
    following Nullable(UInt64),
    posts Nullable(UInt64),
    likes Nullable(UInt64),
    views Nullable(UInt64),
    absent Map(LowCardinality(String), LowCardinality(String))
)
ENGINE = {replicated}ReplacingMergeTree(observed_at)
ORDER BY (account, origin)
SETTINGS index_granularity = 1024
