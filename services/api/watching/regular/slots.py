"""When regular mails are due: local hours of a watch, one mail for all watches of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.event import hashed_id
from contracts.watches import Digest, Watched
from libs.deciding.hours import at_clock, zone_of

LATE_AT_MOST = timedelta(hours=12)
"""A mail that could not be made for so long is left out: the next one is near."""

DAYS = {"day": 1, "week": 7}
MONDAY = 0


class Told(NamedTuple):
    """A watch that a digest tells of, over how many days, and since when that is (UTC)."""

    watch: Watched
    days: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is due: to whom, since when (UTC), of which watches."""

    address: str
    at: datetime
    watches: tuple[Told, ...]

    @property
    def name(self) -> str:
        """Return the name that it has whoever makes it."""
        return hashed_id("digest", self.address, self.at.isoformat())


def latest(minute: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the last moment (UTC) at which it was `minute` after midnight in a zone."""
    today = now.astimezone(zone).date()
    at = at_clock(today, minute, zone)
    return at if at <= now else at_clock(today - timedelta(days=1), minute, zone)


def days_before(at: datetime, days: int, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) at which it was `minute` after midnight so many days before `at`.

    By the clocks of the zone: what is told at that hour each day leaves out no hour of the year,
    and tells none twice.
    """
    return at_clock(at.astimezone(zone).date() - timedelta(days=days), minute, zone)


def due(watches: Iterable[Watched], now: datetime) -> list[Due]:
    """Return the digests that are due, one a person, however many watches tell them.

    It goes at the earliest hour that they chose for a watch; weekly ones join it on Mondays.
    """
    wanted: dict[str, list[tuple[Watched, Digest]]] = {}
    for watch in watches:
        if watch.state != "active":
            continue
        for one in watch.recipients:
            if one.confirmed and one.digest:
                wanted.setdefault(one.address, []).append((watch, one.digest))
    found = (_of_person(address, chosen, now) for address, chosen in wanted.items())
    return [one for one in found if one is not None]


def _of_person(address: str, chosen: Sequence[tuple[Watched, Digest]], now: datetime) -> Due | None:
    watch, digest = min(chosen, key=lambda one: (one[1].minute, one[0].created_at))
    zone = zone_of(watch)
    at = latest(digest.minute, zone, now)
    monday = at.astimezone(zone).weekday() == MONDAY
    told = [
        Told(one, days, days_before(at, days, digest.minute, zone))
        for one, said in chosen
        for days in (DAYS[said.every],)
        if (said.every == "day" or monday) and one.created_at < at
    ]
    if not told or now - at > LATE_AT_MOST:
        return None
    return Due(address, at, tuple(told))
