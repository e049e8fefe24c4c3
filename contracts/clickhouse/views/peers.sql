-- The accounts nearest to one on the same network, in its DGF stratum (its category where there is
-- none): five ranks on each side; for an account without a score, the ten nearest populations. What
-- it is near to is one row, read first: planning joins and windows costs more than reading.
CREATE OR REPLACE VIEW peers AS
WITH
    (
        SELECT tuple(
            methodology, network, category, stratum, population,
            reason = '' AS is_scored, isNull(rank) AS is_listed,
            if(is_listed, -toInt64(score), toInt64(place)) AS at
        )
        FROM scores
        WHERE account = {account:String} AND period = {period:String}
            AND methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
    ) AS own
SELECT * EXCEPT (at, distance)
FROM
(
    SELECT
        {ranked_account},
        {as_published_before},
        s.stratum_rank AS stratum_rank, s.stratum_ranked AS stratum_ranked,
        coalesce(s.stratum_high_rank, s.stratum_rank, s.high_rank, s.rank) AS best_place,
        coalesce(s.stratum_low_rank, s.stratum_rank, s.low_rank, s.rank) AS worst_place,
        if(own.7 AND own.6, -toInt64(s.score), toInt64(s.place)) AS at,
        if(own.6, abs(at - own.8), abs(toInt64(s.population) - toInt64(own.5))) AS distance
    FROM scores AS s
    WHERE s.period = {period:String} AND s.methodology = own.1 AND s.reason = ''
        AND s.network = own.2 AND s.category = own.3 AND s.stratum = own.4
    ORDER BY distance, s.place
    LIMIT 5 BY if(own.6, sign(at - own.8), toInt64(s.place))
    LIMIT 11
)
ORDER BY if(own.6, 0, distance), at, territory_name, address
