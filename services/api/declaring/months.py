"""Declared figures by account and month; a post that was declared twice is as it was told last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.api.store.agents.declarations import Declaration, DeclaredDay, DeclaredPost


@dataclass(frozen=True, slots=True)
class DeclaredMonth:
    """A month of an account. A counter that files do not say is None, never 0.

    `views` and `gained` are sums, None unless each post (each day) that is known has its own.

    `interactions` are a mean per post, of the posts whose counters are all said; `engagement` is
    that mean divided by the followers of the last day that is known of the month (a ratio).
    """

    period: str
    posts: int | None
    interactions: float | None
    views: int | None
    followers: int | None
    gained: int | None

    @property
    def engagement(self) -> float | None:
        """Return interactions per post and follower."""
        if self.interactions is None or not self.followers:
            return None
        return self.interactions / self.followers


@dataclass(frozen=True, slots=True)
class DeclaredAccount:
    """An account of which figures were declared, its latest month first."""

    network: str
    name: str
    months: Sequence[DeclaredMonth]


@dataclass(slots=True)
class _Known:
    posts: dict[str, DeclaredPost] = field(default_factory=dict[str, DeclaredPost])
    days: dict[str, DeclaredDay] = field(default_factory=dict[str, DeclaredDay])


def by_account(declarations: Iterable[Declaration]) -> list[DeclaredAccount]:
    """Return what is declared of each account, by network then name."""
    known: defaultdict[tuple[str, str], _Known] = defaultdict(_Known)
    for one in sorted(declarations, key=lambda one: (one.declared_at, one.id)):
        account = known[one.network, one.account]
        account.posts |= {post.id: post for post in one.posts}
        for day in one.days:
            before = account.days.get(day.day.isoformat())
            said = day.model_dump(exclude_none=True)
            account.days[day.day.isoformat()] = before.model_copy(update=said) if before else day
    return [
        DeclaredAccount(network, name, _months(found))
        for (network, name), found in sorted(known.items())
    ]


def _months(known: _Known) -> list[DeclaredMonth]:
    posts: defaultdict[str, list[DeclaredPost]] = defaultdict(list)
    days: defaultdict[str, list[DeclaredDay]] = defaultdict(list)
    for post in known.posts.values():
        posts[f"{post.day:%Y-%m}"].append(post)
    for day in sorted(known.days.values(), key=lambda one: one.day):
        days[f"{day.day:%Y-%m}"].append(day)
    return [
        _month(period, posts[period], days[period])
        for period in sorted(posts.keys() | days.keys(), reverse=True)
    ]


def _month(period: str, posts: list[DeclaredPost], days: list[DeclaredDay]) -> DeclaredMonth:
    told = [one.interactions for one in posts if one.interactions is not None]
    followers = [one.followers for one in days if one.followers is not None]
    return DeclaredMonth(
        period=period,
        posts=len(posts) or None,  # of a file of followers alone, nothing is known of posts
        interactions=sum(told) / len(told) if told else None,
        views=_sum(one.views for one in posts),
        followers=followers[-1] if followers else None,
        gained=_sum(one.gained for one in days),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    told = list(counts)
    known = [one for one in told if one is not None]
    return sum(known) if known and len(known) == len(told) else None
