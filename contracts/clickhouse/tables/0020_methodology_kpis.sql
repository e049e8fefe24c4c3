-- The KPIs of each methodology: weight and French texts, as the month's computation left them.
CREATE TABLE IF NOT EXISTS methodology_kpis
(
    methodology LowCardinality(String),
    kpi LowCardinality(String),
    position UInt8 COMMENT 'order of weight, from 1',
    label String,
    unit LowCardinality(String),
    weight UInt8,
    networks Array(String) COMMENT 'that publish what it is made of',
    inherited Bool COMMENT 'a stock gathered over years, not the work of the month',
    explanation String COMMENT 'French: what it is',
    advice String COMMENT 'French: what helps; empty where no advice is ever given'
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (methodology, kpi)
