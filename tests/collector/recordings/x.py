"""Recorded answers of X (tests of python-twitter and tweepy, 2021 and 2022)."""

from typing import Any

from contracts.jobs import JobSubject
from tests.collector.recordings_manifest import Exchange, Figures, Mapped, body, one, whole

_NO_METRICS = "asked without fields: neither counters nor dates"
_COMPRESSED = f"the tape of a client, compressed: {_NO_METRICS}"


def accounts(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of accounts, by their rank."""
    names = {"followers": "followers_count", "following": "following_count", "posts": "tweet_count"}
    found: list[dict[str, Any]] = body(exchange)["data"]
    return {
        f"s{rank}": {ours: user["public_metrics"][theirs] for ours, theirs in names.items()}
        for rank, user in enumerate(found)
    }


def posts(exchange: Exchange) -> dict[str, Figures]:
    """Return the figures of a page; views were not counted then."""
    names = {"likes": "like_count", "comments": "reply_count", "shares": "retweet_count",
             "quotes": "quote_count"}  # fmt: skip
    return {
        post["id"]: {ours: post["public_metrics"][theirs] for ours, theirs in names.items()}
        | {"views": None}
        for post in body(exchange)["data"]
    }


def two(*named: tuple[str, str]) -> tuple[JobSubject, ...]:
    """Return accounts as jobs name them."""
    return tuple(
        JobSubject(subject=f"s{rank}", handle=handle, native_id=native)
        for rank, (handle, native) in enumerate(named)
    )


MAPPED = (
    Mapped(
        ("x/users.json",), "profile", "api.x.com", "/2/users", whole("x/users.json"),
        subjects=two(("twitter", "783214"), ("twitterdev", "2244994945")), accounts=accounts,
    ),
    Mapped(
        ("x/user_tweets.json",), "posts", "api.x.com", "/2/users/2244994945/tweets",
        whole("x/user_tweets.json"), subjects=(one("twitterdev", "2244994945"),), posts=posts,
        next_cursor="7140dibdnow9c7btw3w3itbygz8uu5pbs45oy6erjc2ls",
    ),
)  # fmt: skip

NOT_OURS = {
    "x/cassette_get_tweets.yaml": _COMPRESSED,
    "x/cassette_get_users.yaml": _COMPRESSED,
    "x/cassette_get_users_tweets.yaml": _COMPRESSED,
    "x/cassette_search_recent_tweets.yaml": "a search: nobody is searched for",
    "x/counts_recent.json": "counts of a search: mentions of X are not collected",
    "x/quote_tweets.json": "quotes by others: we count, we do not profile",
    "x/search_recent.json": "a search: nobody is searched for",
    "x/tweet_full.json": "a post without the envelope of the API",
    "x/usage_tweets.json": "what was spent: our own budget is counted",
    "x/user.json": "one account in an object: accounts are asked for in a list",
    "x/user_mentions.json": "posts of others: mentions of X are not collected",
}
