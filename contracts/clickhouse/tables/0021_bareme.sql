-- The barème: how a value becomes points, by network and cell of the reference month
-- (docs/methodology.md, section 8). Frozen for a methodology, replaced whole.
CREATE TABLE IF NOT EXISTS bareme
(
    methodology LowCardinality(String),
    reference LowCardinality(String) COMMENT 'month, such as 2026-09',
    origin LowCardinality(String) COMMENT 'live or simulation',
    network LowCardinality(String),
    scope LowCardinality(String) COMMENT 'category, family or network',
    cell LowCardinality(String) COMMENT 'the category or family; empty for the network',
    kpi LowCardinality(String),
    accounts UInt32 COMMENT 'ranked accounts of the cell in the reference month',
    knots Array(Int64) COMMENT 'values in billionths, increasing, the first is 0',
    worths Array(UInt8) COMMENT 'points at each knot',
    computed_at DateTime64(3, 'UTC')
)
ENGINE = {replicated}MergeTree
PARTITION BY methodology
ORDER BY (network, scope, cell, kpi)
