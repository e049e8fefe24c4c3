-- Observations made since an instant (UTC, ISO 8601), one row each as figures see them: beside what
-- the topics hold, they show that nothing was lost nor counted twice. An observation is of a slot of
-- the same days: older partitions are not read.
CREATE OR REPLACE VIEW stored_observations AS
WITH parseDateTime64BestEffort({since:String}, 6, 'UTC') AS since_instant
SELECT event_id
FROM account_observations FINAL
WHERE observed_at >= since_instant AND slot >= since_instant - INTERVAL 7 DAY
UNION ALL
WITH parseDateTime64BestEffort({since:String}, 6, 'UTC') AS since_instant
SELECT event_id
FROM post_observations FINAL
WHERE observed_at >= since_instant AND slot >= since_instant - INTERVAL 7 DAY
