-- A score taken apart: each KPI in order of weight, its points, what it brings and what it leaves.
-- Only the KPIs that the account's network publishes; no points where there is no score.
CREATE OR REPLACE VIEW account_score_kpis AS
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
                ('engagement', s.engagement, s.engagement_points, m.engagement),
                ('reach', s.reach, s.reach_points, m.reach),
                ('frequency', s.frequency, s.frequency_points, m.frequency),
                ('followers', toFloat64(s.followers), s.followers_points, m.followers),
                ('follow_ratio', s.follow_ratio, s.follow_ratio_points, m.follow_ratio)
            ] AS figures
        FROM published_scores AS s
        CROSS JOIN
        (
            SELECT
                quantileExactInclusive(0.5)(engagement) AS engagement,
                quantileExactInclusive(0.5)(reach) AS reach,
                quantileExactInclusive(0.5)(frequency) AS frequency,
                quantileExactInclusive(0.5)(followers) AS followers,
                quantileExactInclusive(0.5)(follow_ratio) AS follow_ratio
            FROM published_scores
            WHERE reason IS NULL AND (period, network, category) IN
            (
                SELECT period, network, category FROM published_scores
                WHERE account = {account:String} AND period = {period:String}
            )
        ) AS m
        WHERE s.account = {account:String} AND s.period = {period:String}
    )
    ARRAY JOIN figures AS figure
) AS a
INNER JOIN (SELECT * FROM methodology_kpis FINAL) AS k
    ON k.methodology = a.methodology AND k.kpi = a.kpi
WHERE has(k.networks, a.network)
ORDER BY k.position
