-- Posts of an account published between two days (Europe/Paris, both included), newest first, by
-- the latest reading of each. `engagement` is the ratio to the followers of that time. What was
-- deleted has no text here either.
CREATE OR REPLACE VIEW account_posts AS
SELECT
    p.post AS post, p.address AS address, p.published_at AS published_at, p.kind AS kind,
    p.state AS state, p.likes AS likes, p.comments AS comments, p.shares AS shares,
    p.quotes AS quotes, p.views AS views, p.interactions AS interactions,
    p.interactions / nullIf(f.followers, 0) AS engagement,
    p.read_at AS read_at, p.readings AS readings, p.absent AS absent,
    if(p.state = 'deleted', NULL, nullIf(t.text, '')) AS text, p.text_length AS text_length, p.hashtags AS hashtags,
    p.topics AS topics, p.origin AS origin
FROM
(
    SELECT
        account, post, address, published_at, kind, state, likes, comments, shares, quotes, views,
        {interactions} AS interactions,
        observed_at AS read_at,
        count() OVER (PARTITION BY post) AS readings,
        absent, text_length, hashtags, topics, origin
    FROM post_observations FINAL
    WHERE account = {account:String}
        AND toDate(published_at, 'Europe/Paris')
            BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
    ORDER BY post, observed_at DESC, slot DESC
    LIMIT 1 BY post
) AS p
{followers_and_text}
ORDER BY p.published_at DESC, p.post
