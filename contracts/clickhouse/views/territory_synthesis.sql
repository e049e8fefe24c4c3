-- Asked by portals of 0.2 alone, which run beside newer ones during an upgrade: it goes with 0.4.
-- The score of a territory over its networks, for a month (all published ones where it is empty):
-- the mean of theirs by weight, its interval from their variances, no rank (docs/methodology.md,
-- 14). Null unless those that have a score weigh `least_share` percent of those held. Of whole
-- hundredths of a point; the sum of squares is under 2^52, so that its root is exact.
CREATE OR REPLACE VIEW territory_synthesis AS
WITH greatest(2 * scored_weight, 1) AS twice
SELECT
    period, methodology, held, weighed, scored,
    if(weight = 0, NULL, toNullable(toUInt8(intDiv(100 * scored_weight, weight)))) AS share,
    least_share,
    scored > 0 AND 100 * scored_weight >= least_share * weight AS told,
    if(told, CAST(
        toDecimal32(intDiv(2 * total + scored_weight, twice), 2) / 100 AS Nullable(Decimal(5, 2))
    ), NULL) AS score,
    if(told, CAST(
        toDecimal32(intDiv(2 * (total - under) + scored_weight, twice), 2) / 100
        AS Nullable(Decimal(5, 2))
    ), NULL) AS low,
    if(told, CAST(
        toDecimal32(intDiv(2 * (total + over) + scored_weight, twice), 2) / 100
        AS Nullable(Decimal(5, 2))
    ), NULL) AS high
FROM
(
    SELECT
        period, any(methodology) AS methodology,
        count() AS held, countIf(weighs > 0) AS weighed,
        countIf(weighs > 0 AND isNotNull(points)) AS scored,
        max(least) AS least_share,
        sum(weighs) AS weight,
        sumIf(weighs, isNotNull(points)) AS scored_weight,
        sum(weighs * points) AS total,
        toUInt64(floor(sqrt(sum(pow(weighs * (points - points_low), 2))))) AS under,
        toUInt64(floor(sqrt(sum(pow(weighs * (points_high - points), 2))))) AS over
    FROM
    (
        SELECT
            period, methodology, toUInt64(weight) AS weighs, least_share AS least,
            toUInt64(score * 100) AS points, toUInt64(low * 100) AS points_low,
            toUInt64(high * 100) AS points_high
        FROM territory_networks(territory = {territory:String}, period = {period:String})
    )
    GROUP BY period
)
ORDER BY period
