-- Figures and points of KPIs go into two maps, so that another KPI is no other column: values in
-- billionths, points in millionths; what is not known has no key. Here they are read from the columns
-- of the first five KPIs, until 0025 has written them. The projections come back in 0028: they hold
-- every column, and a column that one of them holds cannot be dropped.
ALTER TABLE scores
    DROP PROJECTION IF EXISTS by_territory,
    DROP PROJECTION IF EXISTS by_account,
    ADD COLUMN IF NOT EXISTS figures Map(LowCardinality(String), Nullable(Int64))
        DEFAULT mapFilter((kpi, value) -> isNotNull(value), map(
            'engagement', engagement, 'reach', reach, 'frequency', frequency,
            'followers', toInt64(followers) * 1000000000, 'follow_ratio', follow_ratio)),
    ADD COLUMN IF NOT EXISTS points Map(LowCardinality(String), Nullable(UInt32))
        DEFAULT mapFilter((kpi, value) -> isNotNull(value), map(
            'engagement', engagement_points, 'reach', reach_points, 'frequency', frequency_points,
            'followers', followers_points, 'follow_ratio', follow_ratio_points))
