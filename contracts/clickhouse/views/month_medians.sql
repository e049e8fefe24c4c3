-- The median of each KPI among the scored accounts of a network and category, in a month.
CREATE OR REPLACE VIEW month_medians AS
SELECT
    network, category, kpi,
    quantileExactInclusive(0.5)(figures[kpi]) / 1e9 AS median
FROM scores
ARRAY JOIN mapKeys(figures) AS kpi
WHERE period = {period:String} AND reason = ''
    AND methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
GROUP BY network, category, kpi
ORDER BY network, category, kpi
