"""What was refused and is kept, in short, for the desk: the command shows a record itself."""

import re
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from aiokafka import TopicPartition
from pydantic import ValidationError

from contracts.dead_letters import REPLAYING, DeadLetter
from contracts.topics import DEAD_LETTERS
from libs.wire.backends.log import Record
from libs.wire.read_to_end import partitions_of, read_between
from libs.wire.waiting import committed_offsets
from services.api.operations.broker import Broker

NEWEST = 1_000
"""Letters read of each partition, the newest; one may be of a megabyte."""

SECONDS_A_LOOK = 3.0
AT_ONCE = 200

Alike = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """Letters of one topic that one group refused for one reason, its figures left aside.

    `reason` and `place` are of the newest, the moments UTC. `waiting` were not given back yet;
    `given_up` will not be. Topic and group are without the namespace.
    """

    topic: str
    consumer: str
    reason: str
    place: str
    oldest: datetime
    letters: int
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters that were looked at, the newest, of all that are kept."""

    refused: tuple[Refused, ...]
    looked_at: int
    kept: int
    unreadable: int

    @property
    def whole(self) -> bool:
        """Whether all were looked at."""
        return self.looked_at >= self.kept


class _Found(NamedTuple):
    place: TopicPartition
    offset: int
    letter: DeadLetter


async def look(
    broker: Broker, namespace: str, *, timer: Callable[[], float] = time.monotonic
) -> Letters:
    """Read the newest letters, for as long as a look may take; those of most letters come first.

    The broker's errors are the caller's.
    """
    places = partitions_of(DEAD_LETTERS, namespace)
    begins = await broker.consumer.beginning_offsets(places)
    ends = await broker.consumer.end_offsets(places)
    starts = {place: max(begins[place], ends[place] - NEWEST) for place in places}
    until, looked_at = timer() + SECONDS_A_LOOK, 0
    alike: defaultdict[Alike, dict[str, _Found]] = defaultdict(dict)
    reading = read_between(broker.consumer, starts, ends, AT_ONCE)
    readable = 0
    async with aclosing(cast("AsyncGenerator[Any]", reading)) as batches:
        async for place, records in batches:
            looked_at += len(records)
            for found in _letters(place, records):
                readable += 1
                alike[_alike(found.letter)].setdefault(found.letter.event_id, found)
            if timer() >= until:
                break
    # The connection lasts: it would read ahead.
    cast("Any", broker.consumer).unsubscribe()
    returned = {
        topic: await committed_offsets(broker.admin, f"{namespace}.{REPLAYING}.{topic}")
        for topic in {topic for topic, _, _ in alike}
    }
    refused = [
        _refused([*found.values()], returned[topic], f"{namespace}.")
        for (topic, _, _), found in alike.items()
    ]
    return Letters(
        tuple(sorted(refused, key=lambda one: (-one.letters, one.topic, one.reason))),
        looked_at,
        sum(ends[place] - begins[place] for place in places),
        looked_at - readable,
    )


def _letters(place: TopicPartition, records: Sequence[Record]) -> Iterator[_Found]:
    for record in records:
        try:
            yield _Found(place, record.offset, DeadLetter.read(record.value or b""))
        except ValidationError:
            continue  # counted: what is left of those looked at


def _alike(letter: DeadLetter) -> Alike:
    return letter.topic, letter.consumer, re.sub(r"\d+", "", letter.reason)


def _refused(found: Sequence[_Found], returned: dict[TopicPartition, int], prefix: str) -> Refused:
    newest = max(found, key=lambda one: one.letter.failed_at).letter
    given_up = [one for one in found if one.letter.given_up]
    waiting = [
        one for one in found if not one.letter.given_up and one.offset >= returned.get(one.place, 0)
    ]
    return Refused(
        newest.topic.removeprefix(prefix),
        newest.consumer.removeprefix(prefix),
        newest.reason,
        newest.place,
        min(one.letter.failed_at for one in found),
        len(found),
        len(waiting),
        len(given_up),
    )
