-- The orders of erasure whose rows are gone, and since when: a start of the scorer looks for the rows
-- of none that was applied long ago. An order given again, at another moment, is another.
CREATE TABLE IF NOT EXISTS erasures_applied
(
    kind LowCardinality(String),
    subject String,
    erased_at DateTime64(6, 'UTC'),
    applied_at DateTime DEFAULT now()
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (kind, subject, erased_at)
