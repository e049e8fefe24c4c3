-- Texts still kept that were published between two days (Europe/Paris, both included), newest first:
-- what others said, and posts of registered accounts (`official`, their account the source), but
-- for what was deleted. For trying a watch before it is made.
CREATE OR REPLACE VIEW texts_between AS
SELECT subject, network, address, published_at, text, said_by, source, observed_at, language
FROM
(
    SELECT
        mention AS subject, network, address, published_at, 'others' AS said_by, source, observed_at,
        language,
        if(startsWith(concat(text, '\n'), concat(ifNull(title, ''), '\n')),
            text, trimBoth(concat(ifNull(title, ''), '\n', text))) AS text
    FROM mentions FINAL
    WHERE state = 'present'
        AND toDate(published_at, 'Europe/Paris')
            BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
    UNION ALL
    SELECT
        post AS subject, network, ifNull(address, '') AS address, published_at,
        'official' AS said_by, account AS source, observed_at, language,
        text
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
)
ORDER BY published_at DESC, subject
