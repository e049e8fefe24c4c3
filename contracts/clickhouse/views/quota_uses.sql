-- What was asked of networks in the `seconds` before an instant (`at`, UTC), by who pays for it: requests
-- of the jobs that ended, what the network last said is left, and until when it asks to be left alone.
-- What is granted and has not ended is the scheduler's alone to know (`collector_quota_left`).
CREATE OR REPLACE VIEW quota_uses AS
WITH
    parseDateTime64BestEffort({at:String}, 6, 'UTC') AS present,
    present - toIntervalSecond(toUInt32OrZero({seconds:String})) AS since
SELECT
    network, bucket, operation,
    toUInt64(sum(requests)) AS used,
    min(ended_at) AS first_at, max(ended_at) AS last_at,
    argMaxOrNullIf(assumeNotNull(quota_left), ended_at, quota_left IS NOT NULL) AS told_left,
    maxOrNullIf(ended_at, quota_left IS NOT NULL) AS told_at,
    maxOrNullIf(retry_at, cause = 'rate_limited') AS paused_until
FROM
(
    SELECT network, bucket, operation, cause, requests, ended_at, quota_left, retry_at
    FROM collect_outcomes
    WHERE ended_at > since AND ended_at <= present
    LIMIT 1 BY network, ended_at, job, origin
)
GROUP BY network, bucket, operation
ORDER BY network, bucket, operation
