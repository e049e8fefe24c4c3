-- Posts of an account published between two days (Europe/Paris, both included), oldest first, each with
-- all its readings: ages in seconds, and public interactions then (null where the network does not
-- say). `followers` are those of the time of the post. What was deleted has no text here either.
CREATE OR REPLACE VIEW account_performance AS
SELECT
    p.post AS post, tupleElement(p.last, 1) AS address, p.published_at AS published_at,
    tupleElement(p.last, 2) AS kind, tupleElement(p.last, 3) AS state,
    arrayMap(one -> tupleElement(one, 1), p.read) AS ages,
    arrayMap(one -> tupleElement(one, 2), p.read) AS gathered,
    nullIf(f.followers, 0) AS followers,
    if(tupleElement(p.last, 3) = 'deleted', NULL, nullIf(t.text, '')) AS text,
    tupleElement(p.last, 4) AS text_length, tupleElement(p.last, 5) AS hashtags,
    tupleElement(p.last, 6) AS topics, tupleElement(p.last, 7) AS fingerprint
FROM
(
    SELECT
        account, post, min(at) AS published_at,
        argMax((address, kind, state, text_length, hashtags, topics, fingerprint), (observed_at, slot)) AS last,
        arraySort(groupArray((toUInt32(greatest(0, dateDiff('second', at, slot))), interactions))) AS read
    FROM
    (
        SELECT
            account, post, published_at AS at, slot, observed_at, address, kind, state, text_length, hashtags,
            topics, fingerprint, {interactions} AS interactions
        FROM post_observations FINAL
        WHERE account = {account:String} AND origin != 'declared'
            AND toDate(published_at, 'Europe/Paris')
                BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
    )
    GROUP BY account, post
) AS p
{followers_and_text}
ORDER BY published_at, post
