-- The KPIs of a methodology, in order of weight: what each is, on which networks it is counted.
CREATE OR REPLACE VIEW methodology_indicators AS
SELECT kpi, label, unit, weight, networks, inherited, explanation
FROM methodology_kpis FINAL
WHERE methodology = {methodology:String}
ORDER BY position
