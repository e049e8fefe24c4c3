-- What was computed for a month, revision after revision. A computation that changes nothing
-- replaces its own line; one that changes a figure is a new revision.
CREATE TABLE IF NOT EXISTS months
(
    period LowCardinality(String) COMMENT 'such as 2026-10',
    methodology LowCardinality(String),
    revision UInt32,
    state LowCardinality(String) COMMENT 'provisional or final',
    published Bool COMMENT 'false: computed beside the published methodology, to compare',
    reason String COMMENT 'why a final month was revised',
    bareme_reference LowCardinality(String),
    hash FixedString(64) COMMENT 'SHA-256 of the month (docs/methodology.md, section 12)',
    accounts UInt32,
    ranked UInt32,
    computed_at DateTime64(3, 'UTC'),
    CONSTRAINT state_known CHECK state IN ('provisional', 'final')
)
ENGINE = {replicated}ReplacingMergeTree(computed_at)
ORDER BY (period, methodology, revision)
