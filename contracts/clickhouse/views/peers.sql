-- The accounts nearest to one on the same network, in its DGF stratum (its category where there is
-- none): five ranks on each side; for an account without a score, the ten nearest populations. They
-- are chosen in the table itself: through published_scores it costs the engine several times more.
CREATE OR REPLACE VIEW peers AS
WITH
    (SELECT any(methodology) FROM periods WHERE period = {period:String}) AS published,
    own AS
    (
        SELECT network, category, stratum, population
        FROM scores
        WHERE account = {account:String} AND period = {period:String} AND methodology = published
    )
SELECT
    {ranked_account},
    {as_published_before},
    s.stratum_rank AS stratum_rank, s.stratum_ranked AS stratum_ranked,
    coalesce(s.stratum_high_rank, s.stratum_rank, s.high_rank, s.rank) AS best_place,
    coalesce(s.stratum_low_rank, s.stratum_rank, s.low_rank, s.rank) AS worst_place
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
        FROM scores AS p
        CROSS JOIN own
        WHERE p.period = {period:String} AND p.methodology = published AND p.reason = ''
            AND p.network = own.network AND p.category = own.category AND p.stratum = own.stratum
    )
) AS s
WHERE own_at = 0 OR distance <= 5
ORDER BY if(own_at > 0, 0, distance), at
LIMIT 11
