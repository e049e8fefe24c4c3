-- Scored accounts of a month; an empty parameter means all of them. A category is in the order of
-- its ranks; categories together are by score, for a rank is that of its category only, and the
-- accounts without rank come after all the others. It reads the table itself: through published_scores the same question costs the engine twice as much.
CREATE OR REPLACE VIEW ranking AS
SELECT
    s.rank AS rank, s.ranked AS ranked, s.account AS account, s.network AS network,
    s.handle AS handle, s.address AS address,
    s.territory AS territory, s.territory_name AS territory_name, s.category AS category,
    {category_label} AS category_label,
    s.stratum AS stratum, s.departement AS departement, s.region AS region,
    s.population AS population,
    CAST(toDecimal32(s.score, 2) / 100 AS Nullable(Decimal(5, 2))) AS score,
    CAST(toDecimal32(s.low, 2) / 100 AS Nullable(Decimal(5, 2))) AS low,
    CAST(toDecimal32(s.high, 2) / 100 AS Nullable(Decimal(5, 2))) AS high,
    s.engagement / 1e9 AS engagement, s.reach / 1e9 AS reach, s.frequency / 1e9 AS frequency,
    s.followers AS followers, s.follow_ratio / 1e9 AS follow_ratio,
    s.previous_rank AS previous_rank,
    CAST(toDecimal32(s.previous_score, 2) / 100 AS Nullable(Decimal(5, 2))) AS previous_score,
    s.origin AS origin
FROM scores AS s
WHERE s.period = {period:String}
    AND s.methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
    AND ({network:String} = '' OR s.network = {network:String})
    AND ({category:String} = '' OR s.category = {category:String})
    AND ({departement:String} = '' OR s.departement = {departement:String})
    AND ({region:String} = '' OR s.region = {region:String})
    AND s.reason = ''
ORDER BY
    if({category:String} = '', s.rank IS NULL, 0),
    if({category:String} = '', -toInt32(s.score), s.place),
    s.territory_name, s.address
