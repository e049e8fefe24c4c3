-- The accounts nearest to one on the same network, in its DGF stratum (its category where there is
-- none): five ranks on each side; for an account without a score, the ten nearest populations.
CREATE OR REPLACE VIEW peers AS
WITH own AS
(
    SELECT network, category, stratum, place, score, population
    FROM published_scores
    WHERE account = {account:String} AND period = {period:String}
)
SELECT
    rank, ranked, account, network, handle, address, territory, territory_name,
    category, category_label, stratum, departement, region, population, score, low, high,
    engagement, reach, frequency, followers, follow_ratio, previous_rank, previous_score, origin,
    stratum_rank, stratum_ranked
FROM
(
    SELECT
        *,
        maxIf(at, account = {account:String}) OVER () AS own_at,
        if(own_at > 0, abs(toInt64(at) - toInt64(own_at)),
            abs(toInt64(population) - toInt64(own_population))) AS distance
    FROM
    (
        SELECT
            p.*,
            own.population AS own_population,
            row_number() OVER (ORDER BY p.score DESC, p.territory_name, p.address) AS at
        FROM published_scores AS p
        CROSS JOIN own
        WHERE p.period = {period:String} AND p.reason IS NULL
            AND p.network = own.network AND p.category = own.category AND p.stratum = own.stratum
    )
)
WHERE own_at = 0 OR distance <= 5
ORDER BY if(own_at > 0, 0, distance), at
LIMIT 11
