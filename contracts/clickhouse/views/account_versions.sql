-- The score of an account for a month taken apart by each methodology that computed it, published or
-- beside: value, points and weight of each KPI that its network publishes, in order of weight.
CREATE OR REPLACE VIEW account_versions AS
SELECT
    k.methodology AS methodology, k.kpi AS kpi, k.label AS label, k.unit AS unit,
    s.figures[k.kpi] / 1e9 AS value,
    floor(s.points[k.kpi] / 1e4 + 0.5) / 100 AS points,
    k.weight AS weight
FROM (SELECT * FROM methodology_kpis FINAL) AS k
INNER JOIN
(
    SELECT methodology, network, figures, points
    FROM scores
    WHERE account = {account:String} AND period = {period:String}
) AS s ON s.methodology = k.methodology
WHERE has(k.networks, s.network)
ORDER BY methodology, k.position
