-- What each network weighs in the score of a territory, by each methodology, as the month's
-- computation left it.
CREATE TABLE IF NOT EXISTS methodology_networks
(
    methodology LowCardinality(String),
    network LowCardinality(String),
    weight UInt16 COMMENT 'internet users of a thousand, in France; 0 where no source says it',
    source String COMMENT 'French: who says it',
    year Nullable(UInt16) COMMENT 'of the source',
    least_share UInt8 COMMENT 'percent of the weights held that must have a score; of the methodology'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (methodology, network)
