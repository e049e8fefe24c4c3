"""When regular mails are due: local hours of a watch, one mail for all watches of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.event import hashed_id
from contracts.watches import Digest, Watched
from libs.deciding.hours import zone_of

LATE_AT_MOST = timedelta(hours=12)
"""A mail that could not be made for so long is left out: the next one is near."""

SPANS = {"day": timedelta(days=1), "week": timedelta(days=7)}
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A digest that is due: to whom, since when (UTC), of which watches and of what span each."""

    address: str
    at: datetime
    watches: tuple[tuple[Watched, timedelta], ...]

    @property
    def name(self) -> str:
        """Return the name that it has whoever makes it."""
        return hashed_id("digest", self.address, self.at.isoformat())


def latest(minute: int, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the last moment (UTC) at which it was `minute` after midnight in a zone."""
    local = now.astimezone(zone)
    at = local.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    if at > local:
        at -= timedelta(days=1)
    return at.astimezone(now.tzinfo)


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
        (one, SPANS[said.every])
        for one, said in chosen
        if (said.every == "day" or monday) and one.created_at < at
    ]
    if not told or now - at > LATE_AT_MOST:
        return None
    return Due(address, at, tuple(told))
