-- Asked by portals of 0.2 alone, which run beside newer ones during an upgrade: it goes with 0.4.
-- The networks that a territory holds in a month (all published ones where it is empty), with the
-- home account of each, what it weighs in the score of the territory, and its own score or why it
-- has none. The town hall's account comes before those of its services (docs/methodology.md, 14.1).
CREATE OR REPLACE VIEW territory_networks AS
SELECT
    s.period AS period, s.methodology AS methodology, s.network AS network,
    s.account AS account, s.handle AS handle, s.address AS address, a.role AS role,
    w.weight AS weight, w.source AS source, w.year AS year, w.least_share AS least_share,
    CAST(toDecimal32(s.score, 2) / 100 AS Nullable(Decimal(5, 2))) AS score,
    CAST(toDecimal32(s.low, 2) / 100 AS Nullable(Decimal(5, 2))) AS low,
    CAST(toDecimal32(s.high, 2) / 100 AS Nullable(Decimal(5, 2))) AS high,
    nullIf(s.reason, '') AS reason
FROM scores AS s
INNER JOIN periods AS p ON p.period = s.period AND p.methodology = s.methodology
LEFT JOIN
(
    SELECT
        account, registered_at,
        tupleElement(arrayFirst(o -> o.home AND o.territory = {territory:String}, owners), 'role')
            AS role
    FROM accounts FINAL
    WHERE arrayExists(o -> o.territory = {territory:String}, owners)
) AS a ON a.account = s.account
LEFT JOIN
(
    SELECT methodology, network, weight, source, year, least_share FROM methodology_networks FINAL
) AS w ON w.methodology = s.methodology AND w.network = s.network
WHERE s.territory = {territory:String} AND s.territory != ''
    AND ({period:String} = '' OR s.period = {period:String})
ORDER BY s.period, s.network, a.role != 'main', a.registered_at, s.account
LIMIT 1 BY s.period, s.network
