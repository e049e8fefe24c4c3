-- The barème of a methodology: for each cell and KPI, knots in billionths and their worth in points.
CREATE OR REPLACE VIEW bareme_knots AS
SELECT methodology, reference, origin, network, scope, cell, kpi, accounts, knots, worths
FROM bareme
WHERE methodology = {methodology:String}
ORDER BY network, scope, cell, kpi
