-- How old what is shown of each network is, at an instant (`at`, UTC): seconds since the last reading
-- of its accounts (a feed: since it answered), and which share is older than what the network's file
-- wants of profiles (an account never read is). Feeds without an answer and accounts just registered count; where only owners let an account be read, those that were asked for lately do.
CREATE OR REPLACE VIEW reading_ages AS
WITH parseDateTime64BestEffort({at:String}, 6, 'UTC') AS present
SELECT
    network,
    toUInt32(count()) AS accounts,
    quantileExactIfOrNull(0.5)(age, age IS NOT NULL) AS p50,
    quantileExactIfOrNull(0.95)(age, age IS NOT NULL) AS p95,
    countIf(age IS NULL OR age > {profile_target}) / count() AS late_ratio
FROM
(
    SELECT
        a.network AS network,
        if(r.last_read IS NULL, NULL, greatest(0, dateDiff('second', r.last_read, present))) AS age
    FROM
    (
        SELECT account, network
        FROM accounts FINAL
        WHERE state = 'verified' AND owner_kind = 'collectivité'
            AND ({network_read} OR account IN
            (
                SELECT account FROM latest_outcomes WHERE ended_at > present - INTERVAL {lately_days} DAY
            ))
    ) AS a
    LEFT JOIN
    (
        SELECT account, maxOrNull(at) AS last_read
        FROM
        (
            SELECT account, observed_at AS at
            FROM latest_observations
            UNION ALL
            SELECT account, ended_at AS at
            FROM latest_outcomes
            WHERE operation = 'feed' AND cause IN ('done', 'unchanged')
        )
        GROUP BY account
    ) AS r ON r.account = a.account
)
GROUP BY network
ORDER BY network
