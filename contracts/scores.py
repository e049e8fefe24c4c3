"""Scores: score and rank of an account for a period and a methodology."""

from typing import Literal

from contracts.event import Count, Event, Id, Moment, NetworkSlug

UnrankedReason = Literal[
    "unscored_network",
    "unranked_territory",
    "not_observed",
    "hidden",
    "followers_unknown",
    "few_posts",
    "posts_gap",
    "no_bareme",
]
"""`few_posts` is « pas assez de publications », `hidden` « masqué »; `unscored_network` is a
network that the methodology does not score (its terms forbid it, it has no counters, or not so
far), `unranked_territory` a home that rankings do not list;
the others are « de notre fait » (docs/methodology.md, section 7)."""


class ScoreComputed(Event):
    """Score and rank of an account for a month, or why it has none.

    `score`, `low`, `high` are hundredths of a point (0–10000), rounded half up; ranks are within
    category and DGF stratum on the network.
    """

    account: Id
    network: NetworkSlug
    territory: Id | None
    period: str
    methodology: str
    revision: Count
    state: Literal["provisional", "final"]
    score: Count | None
    low: Count | None
    high: Count | None
    category: str | None
    stratum: str | None
    rank: Count | None
    ranked: Count | None
    stratum_rank: Count | None
    stratum_ranked: Count | None
    reason: UnrankedReason | None
    computed_at: Moment

    @property
    def key(self) -> str:
        """Return the account."""
        return self.account
