-- Asked by portals of the version before alone, which run beside newer ones during an upgrade: it goes
-- with 0.4 (watch_silences_between has an end).
-- What a watch did not tell since an instant (UTC, ISO 8601), by reason: how many texts or alerts, and
-- when the last was.
CREATE OR REPLACE VIEW watch_silences AS
SELECT ifNull(why, '') AS why, toUInt64(uniqExact(alert)) AS times, max(delivered_at) AS last_at
FROM alerts_delivered FINAL
WHERE watch = {watch:String} AND outcome = 'silent'
    AND delivered_at >= parseDateTime64BestEffort({since:String}, 6, 'UTC')
GROUP BY why
ORDER BY times DESC, why
