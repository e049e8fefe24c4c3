-- What was stored before 0015, and through 0017 its last states.
INSERT INTO outcomes_by_account
SELECT
    arrayJoin(arrayDistinct(arrayPushBack(o.subjects, o.subject))) AS account,
    o.ended_at AS ended_at, o.job AS job, o.origin AS origin, o.network AS network,
    o.operation AS operation,
    if(mapContains(o.gone, account), 'gone', toString(o.cause)) AS cause,
    if(mapContains(o.gone, account), o.gone[account], o.detail) AS detail
FROM collect_outcomes AS o
