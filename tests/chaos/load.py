"""A steady load of known content, and the ledger of what was written: it asks the line nothing.

Observations of posts go to their topic, some of them twice, some late; mentions are said on a
network and come through the collector; poison goes to every topic that a group reads. What is in
the ledger was acknowledged by the broker, or is written again until it is.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count, islice
from random import Random

import httpx

from contracts.channels import CHANNELS
from contracts.event import observation_id
from contracts.posts import POST_COUNTERS, PostObserved, post_id
from contracts.topics import (
    ACCOUNTS_OBSERVED,
    ACCOUNTS_REGISTERED,
    ALERTS_DECIDED,
    ALERTS_DELIVERED,
    ALERTS_RAISED,
    ALERTS_STATE,
    COLLECT_JOBS,
    COLLECT_OUTCOMES,
    COLLECT_PROGRESS,
    ERASURES,
    MENTIONS_MATCHED,
    MENTIONS_OBSERVED,
    MESSAGES_DUE,
    POSTS_OBSERVED,
    SCORES_COMPUTED,
    TEXTS_OBSERVED,
    WATCHES,
    Topic,
)
from contracts.watches import Query, Recipient
from libs.sealing import Seal
from libs.wire.backends.kafka import KafkaLog
from libs.wire.wire import Wire
from libs.wire.work import until_done
from tests.alerts.builders import watched
from tests.chaos.line import Line
from tests.deadlines import until_found
from tests.events import event, samples

COURIERS = tuple(f"alerts-{channel.scheme}" for channel in CHANNELS)

READERS: dict[Topic, tuple[str, ...]] = {
    POSTS_OBSERVED: ("scorer",),
    ACCOUNTS_OBSERVED: ("scorer",),
    ACCOUNTS_REGISTERED: ("scorer",),
    ALERTS_DECIDED: ("scorer",),
    ALERTS_DELIVERED: ("scorer",),
    TEXTS_OBSERVED: ("scorer", "alerts-texts"),
    MENTIONS_OBSERVED: ("scorer", "alerts-mentions"),
    MENTIONS_MATCHED: ("scorer", "alerts-deciders"),
    COLLECT_OUTCOMES: ("scorer", "collector.scheduler"),
    COLLECT_JOBS: ("collector.workers",),
    ALERTS_RAISED: COURIERS,
    MESSAGES_DUE: COURIERS,
    ERASURES: ("scorer-erasures",),
    WATCHES: (),
    COLLECT_PROGRESS: (),
    ALERTS_STATE: (),
    SCORES_COMPUTED: (),
}
"""The groups that keep as a letter what they cannot read, by topic; of tables it is told."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What is written a second."""

    posts: float = 100.0
    mentions: float = 2.0
    poison: float = 1.4

    def times(self, factor: float) -> "Rates":
        """Return as many times as much, but for what is bad: too much of it stops readers."""
        return Rates(self.posts * factor, self.mentions * factor, self.poison)


ORDINARY = Rates()

AGAIN, LATE = 0.02, 0.02
"""Shares of the posts that are written twice, and after later ones."""

WORDS = ("ragondin", "tourniquet", "passerelle", "abribus")
"""One a watch: what each looks for, and no other."""

TOKEN = re.compile(r"jeton\d{6}")
"""One in each mention, by which it is recognised wherever it is told."""

Key = tuple[str, str, datetime]


@dataclass
class Ledger:
    """What the line was given."""

    posts: dict[Key, int] = field(default_factory=dict[Key, int])
    mentions: dict[str, str] = field(default_factory=dict[str, str])
    poison: dict[bytes, Topic] = field(default_factory=dict[bytes, Topic])
    repeated: int = 0
    written: int = 0

    def add(self, posts: Sequence[PostObserved]) -> None:
        """Know readings that are about to be written."""
        self.written += len(posts)
        self.posts |= {(o.account, o.post, o.slot): o.likes or 0 for o in posts}


class Load:
    """Writes until it is told to stop."""

    def __init__(
        self, line: Line, seed: int, rates: Rates = ORDINARY, ledger: Ledger | None = None
    ) -> None:
        self.ledger = ledger or Ledger()
        self.rates = rates
        self.over = asyncio.Event()
        self._line = line
        self._chance = Random(seed)
        # A client of its own for poison: it writes what a wire refuses.
        self._wire = Wire(line.kafka_url, "simulation", client_id="ledger")
        self._raw = KafkaLog(line.kafka_url, "poison")

    async def watch(self) -> None:
        """Make the watches; return once the stream is followed."""
        await self._wire.start()
        await self._raw.start()
        seal = Seal(self._line.environments["api"]["OBSERVATOIRE_RECIPIENTS_PUBLIC_KEY"])
        for word in WORDS:
            address = seal.address(f"mailto:{word}@essai.example")
            recipient = Recipient(address=address, confirmed=True)
            one = watched(
                watch=word, query=Query(any=(word,)), cooldown_minutes=0, recipients=(recipient,)
            )
            await self._wire.publish(WATCHES, one)
        # What is said before anybody listens is nobody's to tell.
        async with httpx.AsyncClient(base_url=self._line.world_url, timeout=20) as world:

            async def listeners() -> int:
                return (await world.get("/__world__/status")).json()["streams"]

            await until_found(listeners, seconds=60)

    async def run(self) -> None:
        """Write, all kinds side by side."""
        await asyncio.gather(self._posts(), self._mentions(), self._poison())
        await self._wire.stop()
        await self._raw.stop()

    async def _ticks(self, every: Callable[[], float]) -> AsyncIterator[None]:
        """Go on every so many seconds, until it is over; turns that were missed are not made up."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + every(), loop.time())
            try:
                await asyncio.wait_for(self.over.wait(), due - loop.time())
            except TimeoutError:
                yield
            else:
                return

    async def _posts(self) -> None:
        numbers, late = count(), list[PostObserved]()
        async for _ in self._ticks(lambda: 1.0):
            fresh = [self._post(number) for number in islice(numbers, round(self.rates.posts))]
            self.ledger.add(fresh)
            batch, late = [*late, *fresh], []
            if self._chance.random() < LATE * self.rates.posts:
                late.append(batch.pop())
            again = [one for one in batch if self._chance.random() < AGAIN]
            self.ledger.repeated += len(again)
            batch += again
            self._chance.shuffle(batch)
            await until_done(partial(self._wire.publish_all, POSTS_OBSERVED, batch))
        if late:
            await until_done(partial(self._wire.publish_all, POSTS_OBSERVED, late))

    def _post(self, number: int) -> PostObserved:
        account, native = f"ledger-{number // 3 % 50}", f"p{number // 3}"
        post = post_id("bluesky", native)
        slot = self._line.now().replace(microsecond=0) + timedelta(seconds=number % 3)
        counters = dict.fromkeys(POST_COUNTERS, 0) | {"likes": number}
        return event(
            PostObserved, event_id=observation_id(f"{post}-{number}", slot), account=account,
            network="bluesky", post=post, slot=slot, observed_at=slot, absent={},
            published_at=slot - timedelta(hours=1), **counters,
        )  # fmt: skip

    async def _mentions(self) -> None:
        number = 0
        async with httpx.AsyncClient(base_url=self._line.world_url, timeout=20) as world:
            async for _ in self._ticks(lambda: 1 / self.rates.mentions):
                word, token = WORDS[number % len(WORDS)], f"jeton{number:06d}"
                text = f"Le {word} de la rue Basse, encore une fois, {token}"
                said = await world.post(
                    "/__world__/mentions", json={"text": text, "network": "bluesky"}
                )
                said.raise_for_status()
                self.ledger.mentions[token] = word
                number += 1

    async def _poison(self) -> None:
        number = 0
        async for _ in self._ticks(lambda: 1 / self.rates.poison):
            topic = self._chance.choice(list(READERS))
            value = self._spoilt(topic, number)
            self.ledger.poison[value] = topic
            await until_done(partial(self._send, topic, value))
            number += 1

    async def _send(self, topic: Topic, value: bytes) -> None:
        # The broker takes no record without a key where it keeps the last of each.
        none = b"" if topic.compacted else None
        key = self._chance.choice([none, b"\xff", b"ragondin", b"k"])
        await (await self._raw.send(topic.on("simulation"), value, key))

    def _spoilt(self, topic: Topic, number: int) -> bytes:
        """A record that nobody can read, and no other is."""
        mark = b'"poison": %d, ' % number
        record = b"{" + mark + self._chance.choice(samples(topic))[1:]
        whole = json.loads(record)
        field_name = self._chance.choice([n for n in whole if n != "poison"])
        kinds = (
            record[: len(record) // 2],
            json.dumps(whole | {"origin": "live"}).encode(),
            json.dumps(whole | {"event_id": {"not": "an id"}}).encode(),
            json.dumps({n: v for n, v in whole.items() if n != "event_id"}).encode(),
            record.replace(b'"origin"', b'"\xff%s"' % field_name.encode()),
            b"[" * (10_000 + number),
            b"%d" % number,
        )
        return self._chance.choice(kinds)
