-- Of every watch, the alerts raised since an instant (UTC, ISO 8601): how many, and when the last was.
CREATE OR REPLACE VIEW watch_activity AS
SELECT watch, toUInt64(uniqExact(alert)) AS alerts, max(raised_at) AS last_at
FROM alerts_raised FINAL
WHERE raised_at >= parseDateTime64BestEffort({since:String}, 6, 'UTC')
GROUP BY watch
ORDER BY watch
