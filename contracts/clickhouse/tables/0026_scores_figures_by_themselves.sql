-- The maps no longer come from the columns, which can then go.
ALTER TABLE scores
    MODIFY COLUMN figures Map(LowCardinality(String), Nullable(Int64)) DEFAULT map(),
    MODIFY COLUMN points Map(LowCardinality(String), Nullable(UInt32)) DEFAULT map()
