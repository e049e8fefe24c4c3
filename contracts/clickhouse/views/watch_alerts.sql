-- Alerts of a watch raised between two days (Europe/Paris, both included), newest first, with whom
-- each was told and how that ended.
CREATE OR REPLACE VIEW watch_alerts AS
SELECT
    r.alert AS alert, r.kind AS kind, r.title AS title, r.why AS why, r.total AS total,
    r.usual AS usual, r.window_minutes AS window_minutes, r.`group` AS `group`,
    r.watch_revision AS watch_revision, r.raised_at AS raised_at, d.deliveries AS deliveries,
    r.origin AS origin
FROM
(
    SELECT * FROM alerts_raised FINAL
    WHERE watch = {watch:String}
        AND toDate(raised_at, 'Europe/Paris')
            BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
) AS r
LEFT JOIN
(
    SELECT
        alert,
        arraySort(x -> (x.5, x.1, x.2),
            groupArray((channel, recipient, outcome, why, delivered_at))) AS told,
        CAST(told AS Array(Tuple(
            channel String, recipient String, outcome String, why Nullable(String),
            delivered_at DateTime64(6, 'UTC')))) AS deliveries
    FROM alerts_delivered FINAL
    WHERE watch = {watch:String}
    GROUP BY alert
) AS d ON d.alert = r.alert
ORDER BY r.raised_at DESC, r.alert
