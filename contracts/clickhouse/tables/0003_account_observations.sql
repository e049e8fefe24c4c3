-- Counters of accounts at scheduled moments. The same slot observed again replaces itself; what an
-- account's agent declared never replaces what was measured. A null counter has its reason in
-- `absent`.
CREATE TABLE IF NOT EXISTS account_observations
(
    event_id String,
    origin LowCardinality(String),
    account String,
    network LowCardinality(String),
    native_id Nullable(String),
    handle String,
    name Nullable(String),
    slot DateTime64(6, 'UTC'),
    observed_at DateTime64(6, 'UTC'),
    followers Nullable(UInt64),
    following Nullable(UInt64),
    posts Nullable(UInt64),
    likes Nullable(UInt64),
    views Nullable(UInt64),
    absent Map(LowCardinality(String), LowCardinality(String)),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT handle_given CHECK handle != '',
    CONSTRAINT slot_possible CHECK toYear(slot) BETWEEN 2000 AND 2099,
    CONSTRAINT observed_at_possible CHECK toYear(observed_at) BETWEEN 2000 AND 2099,
    CONSTRAINT counters_possible CHECK greatest(
        ifNull(followers, 0), ifNull(following, 0), ifNull(posts, 0), ifNull(likes, 0),
        ifNull(views, 0)) <= 4611686018427387904
)
ENGINE = {replicated}ReplacingMergeTree(observed_at)
PARTITION BY toYear(slot)
ORDER BY (account, slot, origin)
