-- A column a KPI is no more; `followers` is in the maps too, as billionths like the others.
ALTER TABLE scores
    DROP COLUMN IF EXISTS engagement,
    DROP COLUMN IF EXISTS reach,
    DROP COLUMN IF EXISTS frequency,
    DROP COLUMN IF EXISTS followers,
    DROP COLUMN IF EXISTS follow_ratio,
    DROP COLUMN IF EXISTS engagement_points,
    DROP COLUMN IF EXISTS reach_points,
    DROP COLUMN IF EXISTS frequency_points,
    DROP COLUMN IF EXISTS followers_points,
    DROP COLUMN IF EXISTS follow_ratio_points
