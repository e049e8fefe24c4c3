-- How collection from each network goes. « 24 h » ends at the last job that ended anywhere: a
-- demonstration has a clock of its own. `stale_accounts`: not observed within what the network's file
-- wants of profiles (a feed: not read). A job done again after a kill counts once. What fails is said once
-- (`contracts/jobs.py`): an account that is gone or refused is an answer. `unanswered` are the jobs that
-- failed since the network last answered, the first of them at `failing_since`. Where only owners let an account be
-- read, those that were asked for lately count, and a token that is refused is its owner's alone.
CREATE OR REPLACE VIEW sources AS
WITH (SELECT max(ended_at) FROM collect_outcomes) AS present
SELECT
    n.network AS network,
    l.last_done AS last_done, l.last_failed AS last_failed, l.last_cause AS last_cause,
    j.done_24h AS done_24h, j.failed_24h AS failed_24h,
    j.unanswered AS unanswered, j.failing_since AS failing_since,
    n.accounts AS accounts, toUInt32(n.accounts - f.fresh) AS stale_accounts
FROM
(
    SELECT network, toUInt32(count()) AS accounts
    FROM accounts FINAL
    WHERE state = 'verified' AND owner_kind = 'collectivité'
        AND ({network_read} OR account IN
        (
            SELECT account FROM latest_outcomes WHERE ended_at > present - INTERVAL {lately_days} DAY
        ))
    GROUP BY network
) AS n
LEFT JOIN
(
    SELECT
        network,
        maxOrNullIf(ended_at, cause IN ('done', 'unchanged')) AS last_done,
        maxOrNullIf(ended_at, cause IN {source_failures}) AS last_failed,
        argMaxOrNullIf(cause, ended_at, cause IN {source_failures}) AS last_cause
    FROM latest_outcomes
    WHERE {network_read} OR cause != 'credential'
    GROUP BY network
) AS l ON l.network = n.network
LEFT JOIN
(
    SELECT
        network,
        toUInt32(uniqExactIf(job, cause IN ('done', 'unchanged'))) AS done_24h,
        toUInt32(uniqExactIf(job, cause IN {source_failures})) AS failed_24h,
        maxIf(ended_at, cause != 'expired' AND cause NOT IN {source_failures}) AS answered_at,
        arrayFilter(
            one -> tupleElement(one, 1) >= answered_at,
            groupArrayIf((ended_at, job), cause IN {source_failures})
        ) AS failed,
        toUInt32(length(arrayDistinct(tupleElement(failed, 2)))) AS unanswered,
        if(empty(failed), NULL, arrayMin(tupleElement(failed, 1))) AS failing_since
    FROM collect_outcomes
    WHERE ended_at > present - INTERVAL 24 HOUR AND ({network_read} OR cause != 'credential')
    GROUP BY network
) AS j ON j.network = n.network
LEFT JOIN
(
    SELECT network, toUInt32(uniqExact(account)) AS fresh
    FROM
    (
        SELECT network, account
        FROM latest_observations
        WHERE observed_at > present - toIntervalSecond({profile_target})
        UNION ALL
        SELECT network, account
        FROM latest_outcomes
        WHERE operation = 'feed' AND cause IN ('done', 'unchanged')
            AND ended_at > present - toIntervalSecond({profile_target})
    )
    WHERE account IN (SELECT account FROM accounts FINAL WHERE state = 'verified')
    GROUP BY network
) AS f ON f.network = n.network
ORDER BY n.network
