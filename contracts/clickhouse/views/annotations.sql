-- What explains a step in a curve, between two days (Europe/Paris, both included): a month published,
-- a methodology that changes, and what breaks a series (a month revised, a day on which a network
-- that was asked gave nothing). For Grafana's annotations, in French.
CREATE OR REPLACE VIEW annotations AS
WITH
    toDateTime(toDate({date_from:String}), 'Europe/Paris') AS since,
    toDateTime(toDate({date_to:String}) + 1, 'Europe/Paris') AS until
SELECT at, tag, text
FROM
(
    SELECT
        min(computed_at) AS at, 'mois' AS tag,
        concat('Mois publié : ', {month_name}, if(state = 'final', ', définitif', ', provisoire')) AS text
    FROM months FINAL
    WHERE published AND withdrawn_at IS NULL
    GROUP BY period, state
    UNION ALL
    SELECT
        computed_at AS at, 'rupture' AS tag,
        concat('Mois révisé : ', {month_name}, if(reason = '', '', concat(' (', reason, ')'))) AS text
    FROM months FINAL
    WHERE published AND withdrawn_at IS NULL AND revision > 0
    UNION ALL
    SELECT at, 'méthodologie' AS tag, concat('Méthodologie ', version, ' dès ', {first_month_name}) AS text
    FROM
    (
        SELECT methodology AS version, min(computed_at) AS at, min(period) AS first_period
        FROM months FINAL
        WHERE published AND withdrawn_at IS NULL
        GROUP BY methodology
    )
    UNION ALL
    SELECT
        toStartOfDay(ended_at, 'Europe/Paris') AS at, 'rupture' AS tag,
        concat(network, ' : aucune lecture réussie ce jour') AS text
    FROM collect_outcomes
    WHERE ended_at >= since AND ended_at < until AND cause NOT IN ('gone', 'expired')
    GROUP BY at, network
    HAVING countIf(cause IN ('done', 'unchanged')) = 0
)
WHERE at >= since AND at < until
ORDER BY at
