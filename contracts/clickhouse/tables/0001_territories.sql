-- Territories as they were in a year of the Code officiel géographique: communes merge each
-- 1 January. Replaced whole, a year at a time, from the registry (`observatoire engine migrate`).
CREATE TABLE IF NOT EXISTS territories
(
    year UInt16,
    code String,
    name String,
    kind LowCardinality(String),
    nature LowCardinality(Nullable(String)),
    zone LowCardinality(String),
    category LowCardinality(String),
    stratum LowCardinality(Nullable(String)),
    ranked Bool COMMENT 'whether rankings list it: overseas collectivités are listed, unranked',
    population Nullable(UInt32) COMMENT 'municipal population, inhabitants, null where none is counted',
    departement LowCardinality(Nullable(String)),
    region LowCardinality(Nullable(String)),
    epci Nullable(String),
    ept Nullable(String),
    siren Nullable(String),
    covered_by Array(String),
    tourist Nullable(Bool) COMMENT 'null: not known',
    origin LowCardinality(String) COMMENT 'registry or simulation'
)
ENGINE = {replicated}MergeTree
PARTITION BY year
ORDER BY code
