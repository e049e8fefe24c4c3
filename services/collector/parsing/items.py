"""Items of a feed recognised from one reading to the next: identity, first sight, address.

An item is known by its feed and its guid. Without a guid, or where one guid stands with several
links, it is known by its link; where several items share that link, by its title too. What a feed
held is remembered in a line of text: some 65 signs an item, which fits a record and the
scheduler's room.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

from contracts.addresses.hosts import parts_of
from contracts.event import hashed_id
from contracts.posts import item_id
from services.collector.parsing.feed import Entry

MOST_ITEMS = 1_000
"""Of one reading, the newest: of a feed that holds years, the others were seen or are archives."""

_KNOWN = re.compile("([0-9a-f]{32}):([0-9a-f]{12}):([0-9a-f]{8}):([12]):([0-9]{1,10})")


class Known(NamedTuple):
    """What is remembered of an item.

    `mark` tells it from another when its guid changes, `place` stands for its address, `second` is
    a second item of that address, `since` its date in seconds since 1970.
    """

    native_id: str
    mark: str
    place: str
    second: bool
    since: int


class Item(NamedTuple):
    """An entry, its id and date (UTC), and whether it was put online since the last reading."""

    entry: Entry
    known: Known
    published_at: datetime
    fresh: bool


def items_of(
    feed: str, entries: Sequence[Entry], remembered: str | None, moment: datetime
) -> tuple[list[Item], str]:
    """Return the items of a feed read at a moment, and what to remember of it.

    An item has the date that it bears, or the moment of its first sight when that is earlier or
    the only one: an edition, a date that moves ahead do not change it.
    """
    known = {one.native_id: one for one in read(remembered)}
    marks = [_mark(entry) for entry in entries]
    ids = [item_id(feed, identity) for identity in _identities(entries, marks)]
    present = set(ids)
    moved = {one.mark: one for one in known.values() if one.native_id not in present}
    found: dict[str, Item] = {}
    for entry, mark, native_id in zip(entries, marks, ids, strict=True):
        before = known.get(native_id) or moved.pop(mark, None)
        since = min(
            entry.published_at or moment,
            datetime.fromtimestamp(before.since, UTC) if before else moment,
        ).replace(microsecond=0)
        place = hashed_id(entry.address or mark)[:8]
        one = Known(before.native_id if before else native_id, mark, place,
                    before.second if before else False, int(since.timestamp()))  # fmt: skip
        found.setdefault(one.native_id, Item(entry, one, since, before is None))
    items = list(found.values())
    if len(items) > MOST_ITEMS:
        items = sorted(items, key=attrgetter("published_at"), reverse=True)[:MOST_ITEMS]
    items = _placed(items, known.values())
    _come_back(items)
    gone = sorted(
        (one for one in known.values() if one.native_id not in found),
        key=attrgetter("since"),
        reverse=True,
    )
    # What leaves a feed's window may come back into it, when something newer is taken out.
    kept = [item.known for item in items] + gone[: len(items) + 20]
    return items, " ".join(_written(one) for one in kept[:MOST_ITEMS])


def read(remembered: str | None) -> Iterable[Known]:
    """Return what is remembered of a feed; what no item is, is passed over."""
    for native_id, mark, place, rank, since in _KNOWN.findall(remembered or ""):
        yield Known(native_id, mark, place, rank == "2", int(since))


def _written(one: Known) -> str:
    return f"{one.native_id}:{one.mark}:{one.place}:{1 + one.second}:{one.since}"


def _mark(entry: Entry) -> str:
    link = parts_of(entry.address)
    return hashed_id(entry.title, entry.text[:200], *link[2:])[:12]


def _identities(entries: Sequence[Entry], marks: Sequence[str]) -> list[str]:
    """Return what each entry is known by: the first of its names that no other entry bears."""
    names = [
        [entry.guid, entry.address, f"{entry.address or ''}\n{entry.title}", mark]
        for entry, mark in zip(entries, marks, strict=True)
    ]
    bearers: defaultdict[str | None, set[str]] = defaultdict(set)
    for some, mark in zip(names, marks, strict=True):
        for name in some:
            bearers[name].add(mark)
    return [next(name for name in some if name and len(bearers[name]) == 1) for some in names]


def _placed(items: Sequence[Item], known: Iterable[Known]) -> list[Item]:
    """Return items, those noted that are a second one of an address: the oldest is the first."""
    first = {one.place: one for one in known if not one.second}
    second: set[str] = set()
    for item in sorted(items, key=attrgetter("published_at")):
        holder = first.setdefault(item.known.place, item.known)
        if item.fresh and item.known.native_id != holder.native_id:
            second.update({item.known.native_id} if holder.mark != item.known.mark else ())
    return [
        item._replace(known=item.known._replace(second=True))
        if item.known.native_id in second
        else item
        for item in items
    ]


def _come_back(items: list[Item]) -> None:
    """Note as nothing new what is older than all that was known, at the end of the feed.

    It comes back into the feed's window when something newer is taken out of it.
    """
    oldest = min((item.published_at for item in items if not item.fresh), default=None)
    for rank in range(len(items) - 1, -1, -1):
        if oldest is None or not items[rank].fresh or items[rank].published_at >= oldest:
            return
        items[rank] = items[rank]._replace(fresh=False)
