-- Accounts as the registry knows them now: the highest revision of an account replaces the others.
CREATE TABLE IF NOT EXISTS accounts
(
    event_id String,
    origin LowCardinality(String),
    account String,
    revision UInt64,
    network LowCardinality(String),
    handle String,
    native_id Nullable(String),
    address String,
    name Nullable(String),
    owner_kind LowCardinality(String),
    owners Array(Tuple(
        territory String,
        role String,
        home Bool,
        since Nullable(DateTime64(6, 'UTC')),
        until Nullable(DateTime64(6, 'UTC')))),
    state LowCardinality(String),
    registered_at DateTime64(6, 'UTC'),
    changed_at DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT revision_possible CHECK revision <= 4611686018427387904,
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT handle_given CHECK handle != '',
    CONSTRAINT state_known CHECK state IN ('candidate', 'verified', 'closed', 'refused'),
    CONSTRAINT registered_at_possible CHECK toYear(registered_at) BETWEEN 2000 AND 2099,
    CONSTRAINT changed_at_possible CHECK toYear(changed_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree(revision)
ORDER BY account
