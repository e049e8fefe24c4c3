"""A month: its bounds, its accounts, what was observed of them (methodology, 2 to 4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from contracts.accounts import AccountObserved, AccountRegistered
from contracts.posts import PostObserved

E = TypeVar("E", AccountObserved, PostObserved)

PARIS = ZoneInfo("Europe/Paris")
BILLION = 10**9
MILLION = 10**6
DAY = 86_400
LARGEST_COUNT = 9 * BILLION
"""6: interactions, followers and followings beyond count for that many."""


@dataclass(frozen=True, slots=True)
class Place:
    """A territory of the registry: what 7.1 (reason 2), 10 and 11 need of it."""

    population: int | None
    category: str
    stratum: str | None
    ranked: bool


class Observed(NamedTuple):
    """What a month is verified from: events, in any order and repeated, and places by code."""

    accounts: Iterable[AccountRegistered]
    profiles: Iterable[AccountObserved]
    posts: Iterable[PostObserved]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in Europe/Paris (4.1): its first second, the next one's, its days."""

    start: int
    end: int
    days: int

    @classmethod
    def of(cls, period: str) -> "Month":
        """Return the month of a period such as « 2026-10 »."""
        year, month = (int(part) for part in period.split("-"))
        first = datetime(year, month, 1, tzinfo=PARIS)
        following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=PARIS)
        days = (following.date() - first.date()).days
        return cls(int(first.timestamp()), int(following.timestamp()), days)


def rounded(numerator: int, denominator: int) -> int:
    """Return the nearest integer, half up, of a ratio of integers ≥ 0 (2.4)."""
    return (2 * numerator + denominator) // (2 * denominator)


def second(moment: datetime) -> int:
    """Return an instant in whole seconds (2.1)."""
    return int(moment.timestamp())


def of_the_month(
    accounts: Iterable[AccountRegistered], month: Month
) -> Iterable[AccountRegistered]:
    """Keep the accounts that have a line for the month, each at its latest revision (3.1)."""
    latest: dict[str, AccountRegistered] = {}
    for account in accounts:
        held = latest.get(account.account)
        if held is None or account.revision > held.revision:
            latest[account.account] = account
    for account in latest.values():
        open_then = account.state == "verified" or (
            account.state == "closed" and second(account.changed_at) >= month.end
        )
        if account.owner_kind == "collectivité" and open_then:
            yield account


def distinct(events: Iterable[E]) -> Iterable[E]:
    """Leave out what is declared, and repeats: of an id the latest observed is kept (3.3)."""
    latest: dict[str, E] = {}
    for event in events:
        if event.origin == "declared":
            continue
        held = latest.get(event.event_id)
        if held is None or event.observed_at > held.observed_at:
            latest[event.event_id] = event
    return latest.values()


def home(account: AccountRegistered, month: Month) -> str | None:
    """Return the territory that gives the account its population and category (3.2)."""
    for owner in account.owners:
        begun = owner.since is None or second(owner.since) < month.end
        lasting = owner.until is None or second(owner.until) >= month.end
        if owner.home and begun and lasting:
            return owner.territory
    return None
