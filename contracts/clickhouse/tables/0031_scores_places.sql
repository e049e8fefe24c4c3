-- The places that the interval of a score allows in its category, as in its stratum. Months computed
-- before have none. The projections come back in 0032: they hold every column.
ALTER TABLE scores
    DROP PROJECTION IF EXISTS by_territory,
    DROP PROJECTION IF EXISTS by_account,
    ADD COLUMN IF NOT EXISTS low_rank Nullable(UInt32) AFTER ranked,
    ADD COLUMN IF NOT EXISTS high_rank Nullable(UInt32) AFTER low_rank
