-- A score taken apart: each KPI in order of weight, its points, what it brings and what it leaves.
-- Only the KPIs that the account's network publishes; no points where there is no score, nor where
-- a KPI is shown and not weighed. The account's own line is one row, read first: planning joins costs
-- more than reading.
CREATE OR REPLACE VIEW account_kpis AS
WITH
    (
        SELECT tuple(methodology, network, figures, points)
        FROM scores
        WHERE account = {account:String} AND period = {period:String}
            AND methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
    ) AS own
SELECT
    kpi, label, unit,
    own.3[kpi] / 1e9 AS value,
    own.4[kpi] / 1e6 AS worth,
    floor(worth * 100 + 0.5) / 100 AS points,
    weight,
    floor(100 * worth * weight / sum(weight) OVER () + 0.5) / 100 AS contribution,
    floor(100 * (100 - worth) * weight / sum(weight) OVER () + 0.5) / 100 AS lost,
    explanation, advice, inherited
FROM methodology_kpis FINAL
WHERE methodology = own.1 AND has(networks, own.2)
ORDER BY position
