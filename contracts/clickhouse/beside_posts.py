"""What stands beside the posts `p` of one account in SQL: written once, as text put into views.

A view of its own would have to be given the account by the view that reads it.
"""

MACRO = "{followers_and_text}"
"""What a view's file writes after `AS p`, where these joins are due."""

_JOINS = """\
ASOF LEFT JOIN
(
    SELECT account, observed_at, assumeNotNull(followers) AS followers
    FROM account_observations FINAL
    WHERE account = {account:String} AND origin != 'declared' AND followers IS NOT NULL
) AS f ON f.account = p.account AND p.published_at >= f.observed_at
LEFT JOIN
(
    SELECT post, argMax(text, observed_at) AS text
    FROM post_texts FINAL
    WHERE account = {account:String}
    GROUP BY post
) AS t ON t.post = p.post"""


def followers_and_text() -> str:
    """Return the joins of `f.followers`, when a post was published, and of `t.text`, the latest.

    They read the view's `account`, and of `p` account, post and `published_at`.
    """
    return _JOINS
