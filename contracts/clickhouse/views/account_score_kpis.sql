-- Asked by portals of 0.2 alone, which run beside newer ones during an upgrade: it goes with 0.4.
-- A score taken apart: each KPI in order of weight, its points, what it brings and what it leaves.
-- Only the KPIs that the account's network publishes; no points where there is no score, nor where
-- a KPI is shown and not weighed. It reads the table itself: through published_scores the same
-- question costs the engine several times more.
CREATE OR REPLACE VIEW account_score_kpis AS
WITH
    (SELECT any(methodology) FROM periods WHERE period = {period:String}) AS published,
    own AS
    (
        SELECT network, category, figures, points
        FROM scores
        WHERE account = {account:String} AND period = {period:String} AND methodology = published
    )
SELECT
    k.kpi AS kpi, k.label AS label, k.unit AS unit,
    own.figures[k.kpi] / 1e9 AS value,
    own.points[k.kpi] / 1e6 AS worth,
    floor(worth * 100 + 0.5) / 100 AS points,
    k.weight AS weight,
    floor(100 * worth * k.weight / sum(k.weight) OVER () + 0.5) / 100 AS contribution,
    floor(100 * (100 - worth) * k.weight / sum(k.weight) OVER () + 0.5) / 100 AS lost,
    m.cell_median AS cell_median,
    k.explanation AS explanation,
    k.advice AS advice,
    k.inherited AS inherited
FROM own
CROSS JOIN
(
    SELECT * FROM methodology_kpis FINAL WHERE methodology = published
) AS k
LEFT JOIN
(
    SELECT kpi, quantileExactInclusive(0.5)(figures[kpi]) / 1e9 AS cell_median
    FROM scores
    ARRAY JOIN mapKeys(figures) AS kpi
    WHERE period = {period:String} AND methodology = published AND reason = ''
        AND (network, category) IN (SELECT network, category FROM own)
    GROUP BY kpi
) AS m ON m.kpi = k.kpi
WHERE has(k.networks, own.network)
ORDER BY k.position
