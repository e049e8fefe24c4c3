-- Verified accounts that are not there as their network last said it, and since when it has said so
-- without their being read between (60 days at most: outcomes are kept no longer). Confirmed: the
-- network gives the reason itself, or « not found » lasts for two days, the time in which an account is
-- asked again on the next two days. `territory` '' is all.
CREATE OR REPLACE VIEW account_absences AS
SELECT
    network, account, absence, since, last,
    absence != 'not_found' OR last >= since + INTERVAL 2 DAY AS confirmed
FROM
(
    SELECT
        account,
        any(network) AS network,
        argMaxIf(o.absence, ended_at, o.absence != '') AS absence,
        maxIf(ended_at, o.absence != '') AS last,
        maxIf(
            ended_at,
            o.absence = '' AND cause IN ('done', 'unchanged')
                AND operation IN ('profile', 'posts', 'uploads', 'feed')
        ) AS seen,
        arrayMin(arrayFilter(at -> at > seen, groupArrayIf(ended_at, o.absence != ''))) AS since
    FROM outcomes_by_account AS o
    WHERE account IN
    (
        SELECT account
        FROM accounts FINAL
        WHERE state = 'verified' AND owner_kind = 'collectivité'
            AND ({territory:String} = '' OR arrayExists(w -> w.territory = {territory:String}, owners))
    )
        AND ({territory:String} != '' OR account IN (SELECT account FROM outcomes_by_account WHERE absence != ''))
    GROUP BY account
    HAVING last > seen
)
ORDER BY network, account
