-- A score taken apart: each KPI in order of weight, its points, what it brings and what it leaves.
-- Only the KPIs that the account's network publishes; no points where there is no score. It reads
-- the table itself: through published_scores the same question costs the engine several times more.
CREATE OR REPLACE VIEW account_score_kpis AS
WITH
    (SELECT any(methodology) FROM periods WHERE period = {period:String}) AS published,
    own AS
    (
        SELECT *
        FROM scores
        WHERE account = {account:String} AND period = {period:String} AND methodology = published
    )
SELECT
    k.kpi AS kpi, k.label AS label, k.unit AS unit,
    a.value AS value,
    floor(a.points * 100 + 0.5) / 100 AS points,
    k.weight AS weight,
    floor(100 * a.points * k.weight / sum(k.weight) OVER () + 0.5) / 100 AS contribution,
    floor(100 * (100 - a.points) * k.weight / sum(k.weight) OVER () + 0.5) / 100 AS lost,
    a.cell_median AS cell_median,
    k.explanation AS explanation,
    k.advice AS advice,
    k.inherited AS inherited
FROM
(
    SELECT
        methodology, network,
        tupleElement(figure, 1) AS kpi,
        tupleElement(figure, 2) AS value,
        tupleElement(figure, 3) AS points,
        tupleElement(figure, 4) AS cell_median
    FROM
    (
        SELECT
            s.methodology AS methodology, s.network AS network,
            [
                ('engagement', s.engagement / 1e9, s.engagement_points / 1e6, m.engagement),
                ('reach', s.reach / 1e9, s.reach_points / 1e6, m.reach),
                ('frequency', s.frequency / 1e9, s.frequency_points / 1e6, m.frequency),
                ('followers', toFloat64(s.followers), s.followers_points / 1e6, m.followers),
                ('follow_ratio', s.follow_ratio / 1e9, s.follow_ratio_points / 1e6, m.follow_ratio)
            ] AS figures
        FROM own AS s
        CROSS JOIN
        (
            SELECT
                quantileExactInclusive(0.5)(engagement / 1e9) AS engagement,
                quantileExactInclusive(0.5)(reach / 1e9) AS reach,
                quantileExactInclusive(0.5)(frequency / 1e9) AS frequency,
                quantileExactInclusive(0.5)(followers) AS followers,
                quantileExactInclusive(0.5)(follow_ratio / 1e9) AS follow_ratio
            FROM scores
            WHERE period = {period:String} AND methodology = published AND reason = ''
                AND (network, category) IN (SELECT network, category FROM own)
        ) AS m
    )
    ARRAY JOIN figures AS figure
) AS a
INNER JOIN (SELECT * FROM methodology_kpis FINAL) AS k
    ON k.methodology = a.methodology AND k.kpi = a.kpi
WHERE has(k.networks, a.network)
ORDER BY k.position
