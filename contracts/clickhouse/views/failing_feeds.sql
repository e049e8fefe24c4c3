-- Feeds that were not read when they were last asked: since when, how often since, why, and when they last
-- were. Of a collectivité, or a source that watches read (without owner). The longest first.
CREATE OR REPLACE VIEW failing_feeds AS
WITH failing AS
(
    SELECT
        account,
        maxOrNullIf(ended_at, cause IN ('done', 'unchanged')) AS last_done,
        maxIf(ended_at, cause NOT IN ('done', 'unchanged', 'expired')) AS last_failed,
        argMaxIf(cause, ended_at, cause NOT IN ('done', 'unchanged', 'expired')) AS last_cause
    FROM latest_outcomes
    WHERE network IN {paced_networks}
    GROUP BY account
    HAVING last_failed > ifNull(last_done, toDateTime64(0, 6, 'UTC'))
)
SELECT
    a.network AS network, a.account AS feed, a.handle AS handle, a.territory AS territory,
    f.last_done AS last_done, f.last_failed AS last_failed, toString(f.last_cause) AS last_cause,
    o.failing_since AS failing_since, o.failures AS failures, o.detail AS detail
FROM failing AS f
INNER JOIN
(
    SELECT network, account, handle, arrayElement(owners.territory, 1) AS territory
    FROM accounts FINAL
    WHERE state = 'verified' AND owner_kind != 'personne' AND network IN {paced_networks}
) AS a ON a.account = f.account
INNER JOIN
(
    SELECT
        account,
        maxIf(ended_at, cause IN ('done', 'unchanged')) AS read_at,
        arrayFilter(
            one -> tupleElement(one, 1) > read_at,
            groupArrayIf((ended_at, job), cause NOT IN ('done', 'unchanged', 'expired'))
        ) AS failed,
        arrayMin(one -> tupleElement(one, 1), failed) AS failing_since,
        toUInt32(length(arrayDistinct(arrayMap(one -> tupleElement(one, 2), failed)))) AS failures,
        argMaxIf(ifNull(detail, ''), ended_at, cause NOT IN ('done', 'unchanged', 'expired')) AS detail
    FROM outcomes_by_account
    WHERE account IN (SELECT account FROM failing)
    GROUP BY account
    HAVING notEmpty(failed)
) AS o ON o.account = f.account
ORDER BY failing_since, feed
