-- Posts and their counters at scheduled moments. The same slot observed again replaces itself.
-- Partitioned by the slot, which is part of the key: a month's readings are read alone, and FINAL
-- never needs to look across partitions. Plain strings: low cardinality would cost intake a third
-- more of the engine's time (measured), and sorted by account they compress as well.
CREATE TABLE IF NOT EXISTS post_observations
(
    event_id String,
    origin String,
    post String,
    account String,
    network String,
    native_id String,
    address Nullable(String),
    state String,
    kind String,
    published_at DateTime64(6, 'UTC'),
    slot DateTime64(6, 'UTC'),
    observed_at DateTime64(6, 'UTC'),
    likes Nullable(UInt64),
    comments Nullable(UInt64),
    shares Nullable(UInt64),
    quotes Nullable(UInt64),
    views Nullable(UInt64),
    absent Map(String, String),
    text_length UInt64,
    hashtags Array(String),
    language Nullable(String),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT post_given CHECK post != '',
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT native_id_given CHECK native_id != '',
    CONSTRAINT state_known CHECK state IN ('present', 'deleted'),
    CONSTRAINT published_at_possible CHECK toYear(published_at) BETWEEN 2000 AND 2099,
    CONSTRAINT slot_possible CHECK toYear(slot) BETWEEN 2000 AND 2099,
    CONSTRAINT observed_at_possible CHECK toYear(observed_at) BETWEEN 2000 AND 2099,
    CONSTRAINT counters_possible CHECK greatest(
        ifNull(likes, 0), ifNull(comments, 0), ifNull(shares, 0), ifNull(quotes, 0),
        ifNull(views, 0), text_length) <= 4611686018427387904
)
ENGINE = {replicated}ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(slot)
ORDER BY (account, post, slot, origin)
