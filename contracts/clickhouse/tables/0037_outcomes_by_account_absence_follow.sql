-- Each outcome into `outcomes_by_account` as 0015 did, with what the network says of the account.
ALTER TABLE outcomes_by_account_follow MODIFY QUERY
SELECT
    arrayJoin(arrayDistinct(arrayPushBack(o.subjects, o.subject))) AS account,
    o.ended_at AS ended_at, o.job AS job, o.origin AS origin, o.network AS network,
    o.operation AS operation,
    if(mapContains(o.gone, account), 'gone', toString(o.cause)) AS cause,
    if(mapContains(o.gone, account), o.gone[account], o.detail) AS detail,
    o.absences[account] AS absence
FROM collect_outcomes AS o
