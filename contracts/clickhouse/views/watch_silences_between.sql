-- What a watch did not tell after an instant and until another (UTC, ISO 8601), by reason: how many
-- texts or alerts, and when the last was.
CREATE OR REPLACE VIEW watch_silences_between AS
SELECT ifNull(why, '') AS why, toUInt64(uniqExact(alert)) AS times, max(delivered_at) AS last_at
FROM alerts_delivered FINAL
WHERE watch = {watch:String} AND outcome = 'silent'
    AND delivered_at > parseDateTime64BestEffort({since:String}, 6, 'UTC')
    AND delivered_at <= parseDateTime64BestEffort({until:String}, 6, 'UTC')
GROUP BY why
ORDER BY times DESC, why
