-- Texts still kept that were published between two days (Europe/Paris, both included), newest first:
-- what others said, and posts of registered accounts (`official`, their account the source), but
-- for what was deleted. For trying a watch before it is made. Of accounts, the territories for which
-- they speak and how many follow them, as last known; of sources, those of which they declare to speak.
CREATE OR REPLACE VIEW texts_between AS
SELECT subject, network, address, published_at, text, said_by, source, observed_at, language, places,
    followers
FROM
(
    SELECT
        mention AS subject, network, address, published_at, 'others' AS said_by, source, observed_at,
        language, c.places AS places, CAST(NULL, 'Nullable(UInt64)') AS followers,
        if(empty(ifNull(title, '')) OR startsWith(concat(text, '\n'), concat(assumeNotNull(title), '\n')),
            text, concat(assumeNotNull(title), '\n', text)) AS text
    FROM
    (
        SELECT mention, network, address, published_at, source, observed_at, language, title, text
        FROM mentions FINAL
        WHERE state = 'present'
            AND toDate(published_at, 'Europe/Paris')
                BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
    ) AS m
    LEFT JOIN
    (
        SELECT handle, any(covers) AS places
        FROM accounts FINAL
        WHERE notEmpty(covers)
        GROUP BY handle
    ) AS c ON c.handle = m.source
    UNION ALL
    SELECT
        post AS subject, network, ifNull(address, '') AS address, published_at,
        'official' AS said_by, t.account AS source, observed_at, language, a.places AS places,
        f.followers AS followers, text
    FROM
    (
        SELECT post, account, network, address, published_at, observed_at, language, text
        FROM post_texts FINAL
        WHERE toDate(published_at, 'Europe/Paris')
            BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
            AND (account, post) NOT IN
            (
                SELECT account, post
                FROM post_observations
                WHERE (account, post) IN
                    (SELECT account, post FROM post_observations WHERE state = 'deleted')
                GROUP BY account, post
                HAVING argMax(state, (observed_at, slot)) = 'deleted'
            )
    ) AS t
    LEFT JOIN
    (
        SELECT account, arraySort(arrayDistinct(arrayMap(o -> tupleElement(o, 'territory'),
            arrayFilter(o -> isNull(tupleElement(o, 'until')), owners)))) AS places
        FROM accounts FINAL
    ) AS a ON a.account = t.account
    LEFT JOIN
    (
        SELECT account, followers
        FROM latest_observations FINAL
        WHERE origin != 'declared'
        ORDER BY account, observed_at DESC
        LIMIT 1 BY account
    ) AS f ON f.account = t.account
)
ORDER BY published_at DESC, subject
