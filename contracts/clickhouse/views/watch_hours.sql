-- Matches of a watch hour by hour (hours that have some), by the time of publication.
CREATE OR REPLACE VIEW watch_hours AS
SELECT
    toStartOfHour(toDateTime(published_at, 'UTC')) AS hour,
    toUInt32(uniqExact(subject)) AS matches
FROM matches FINAL
WHERE watch = {watch:String} AND state = 'present'
    AND toDate(published_at, 'Europe/Paris')
        BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
GROUP BY hour
ORDER BY hour
