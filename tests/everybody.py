"""All that read topics, in one process, on one log, and what is compared with what they were fed.

What a record comes to: it is used, or whole in the dead letters with the field named, or told
(counted, in the log). No part of a service dies of it, no partition waits for it, and what is good
beside it goes on: a mention that a watch looks for is told.
"""

import asyncio
import base64
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from random import Random
from typing import Any, Protocol

import httpx
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from structlog.testing import capture_logs

from contracts.dead_letters import DeadLetter
from contracts.topics import (
    ALERTS_RAISED,
    COLLECT_JOBS,
    COLLECT_OUTCOMES,
    DEAD_LETTERS,
    MENTIONS_MATCHED,
    MENTIONS_OBSERVED,
    MESSAGES_DUE,
    POSTS_OBSERVED,
    TEXTS_OBSERVED,
    TOPICS,
    WATCHES,
    Topic,
)
from contracts.watches import Query
from libs.background import Background
from libs.clock import SteppedClock
from libs.sealing import new_pair
from libs.settings import Settings
from libs.wire.codec import validated
from libs.wire.waiting import committed_offsets
from libs.wire.wire import Wire
from services.alerts.app import build as alerts_of
from services.collector.app import build as collector_of
from services.scorer.intake.erasing import Erasing, Suppressor
from services.scorer.intake.intake import Intake
from services.scorer.intake.rows import STORED
from tests.alerts.builders import mention, watched
from tests.alerts.fakes import MemoryWire
from tests.conftest import Catchers
from tests.deadlines import until_found
from tests.hostile import NOW, Written, hostile
from tests.suites.memory import MemoryLog
from tests.topics import read_records

FED = [topic for topic in TOPICS if topic is not DEAD_LETTERS]

CHECKED: Mapping[str, Sequence[Topic]] = {
    "scorer": [stored.topic for stored in STORED],
    "alerts-mentions": [MENTIONS_OBSERVED],
    "alerts-texts": [TEXTS_OBSERVED],
    "alerts-deciders": [MENTIONS_MATCHED],
    "alerts-mailto": [ALERTS_RAISED, MESSAGES_DUE],
    "alerts-slack": [ALERTS_RAISED, MESSAGES_DUE],
    "collector.workers": [COLLECT_JOBS],
    "collector.scheduler": [COLLECT_OUTCOMES],
}
"""The groups that read topics, and keep as letters what they cannot."""

READ = {**CHECKED, "alerts-deletions": [POSTS_OBSERVED]}

ALLOWED = {"watches not looked at", "alerts-mailto messages", "alerts-slack messages"}
"""What is told of as long as it lasts, and stops nothing else."""

PRIVATE, _ = new_pair()

SESSION_MS = 60_000
"""Nobody is thought dead for a machine that does much else: groups would share anew for ever."""

Place = tuple[str, int, int]


class Bench(Protocol):
    """A log, and what is asked of it."""

    namespace: str

    def wire(self) -> Wire: ...

    async def write(self, topic: Topic, records: Sequence[Written]) -> list[int]: ...

    async def committed(self, group: str) -> Mapping[TopicPartition, int]: ...

    async def values(self, topic: Topic) -> list[bytes | None]: ...


class InMemory:
    """A log in memory."""

    namespace = "simulation"

    def __init__(self) -> None:
        self._log = MemoryLog()

    def wire(self) -> Wire:
        return MemoryWire(self._log)

    async def write(self, topic: Topic, records: Sequence[Written]) -> list[int]:
        name = topic.on(self.namespace)
        return [
            self._log.append(name, one.value, one.key, partition=one.partition).offset
            for one in records
        ]

    async def committed(self, group: str) -> Mapping[TopicPartition, int]:
        return self._log.committed[f"{self.namespace}.{group}"]

    async def values(self, topic: Topic) -> list[bytes | None]:
        return self._log.values(topic.on(self.namespace))


class OnBroker:
    """The real broker, topics under a name of their own."""

    def __init__(
        self, kafka_url: str, producer: AIOKafkaProducer, namespace: str = "test-hostile"
    ) -> None:
        self.namespace = namespace
        self._url = kafka_url
        self._producer = producer
        self._looking = AIOKafkaAdminClient(bootstrap_servers=kafka_url)

    def wire(self) -> Wire:
        return Wire(self._url, "simulation", namespace=self.namespace)

    async def start(self) -> None:
        await self._looking.start()

    async def stop(self) -> None:
        await self._looking.close()

    async def write(self, topic: Topic, records: Sequence[Written]) -> list[int]:
        name = topic.on(self.namespace)
        # The broker itself refuses a batch of a compacted topic with one record without a key.
        least = b"" if topic.compacted else None
        sent = [
            await self._producer.send(
                name, one.value, least if one.key is None else one.key, one.partition
            )
            for one in records
        ]
        return [metadata.offset for metadata in await asyncio.gather(*sent)]

    async def committed(self, group: str) -> Mapping[TopicPartition, int]:
        """In one question: a hundred partitions, each asked by itself, took seconds."""
        return await committed_offsets(self._looking, f"{self.namespace}.{group}")

    async def values(self, topic: Topic) -> list[bytes | None]:
        records = await read_records(self._url, self.namespace, topic)
        return [record.value for _, record in records]


class Stored:
    """An engine that takes every row, and has none to erase."""

    def __init__(self) -> None:
        self.rows: Counter[str] = Counter()

    async def insert(self, table: str, rows: Sequence[bytes]) -> None:
        self.rows[table] += len(rows)

    async def raw_insert(self, *_: object, **__: object) -> None:
        """Take what is noted of erasures."""

    async def query(self, *_: object) -> Any:
        return type("Answer", (), {"result_rows": []})

    async def __aenter__(self) -> "Stored":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


@asynccontextmanager
async def everybody(
    bench: Bench, clock: SteppedClock, catchers: Catchers
) -> AsyncIterator[dict[str, Any]]:
    """All that read topics, in one process, on one log."""
    settings = Settings(
        installation="simulation", channel_urls=catchers.channel_urls,
        recipients_private_keys=(PRIVATE,), portal_url="https://portail.example",
    )  # fmt: skip
    answers = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    alerts = alerts_of(
        settings, broker=bench.wire(), clock=clock, first_wait=0.1, session_timeout_ms=SESSION_MS
    )
    collector = collector_of(
        settings, http=httpx.AsyncClient(transport=answers), broker=bench.wire(), clock=clock,
        parts=("scheduler", "worker"), session_ms=SESSION_MS,
    )  # fmt: skip
    wire, store, suppressor = bench.wire(), Stored(), Suppressor()
    wire.lane = partial(wire.lane, session_ms=SESSION_MS)

    async def connect() -> Stored:
        return store

    sink: Any = store
    intake = Intake(wire, sink, suppressor=suppressor)
    erasing = Erasing(wire, suppressor, connect)
    await erasing.start()
    intake.subscribe()
    background = Background()
    background.spawn("erasing", erasing.run(intake.settle))
    started: list[Any] = []
    try:
        for part in (wire, alerts, collector):
            started.append(part)
            await part.start()
        yield {"alerts": alerts, "collector": collector, "intake": intake, "erasing": background}
    finally:
        await background.stop()
        for part in reversed(started):
            await part.stop()
        await erasing.stop()


async def feed(bench: Bench, each: int, chance: Random) -> dict[Topic, dict[Place, bytes | None]]:
    """Write so many records to each topic; what was written, by place."""
    fed: dict[Topic, dict[Place, bytes | None]] = {}
    for topic in FED:
        records = [hostile(topic, chance) for _ in range(each)]
        offsets = await bench.write(topic, records)
        fed[topic] = {
            (topic.on(bench.namespace), one.partition, offset): one.value
            for one, offset in zip(records, offsets, strict=True)
        }
    return fed


def of_group(
    fed: Mapping[Topic, Mapping[Place, bytes | None]], group: str
) -> dict[Place, tuple[Topic, bytes | None]]:
    """What a group was given to read."""
    topics = {part for topic in READ[group] for part in topic.parts}
    return {at: (topic, value) for topic in topics for at, value in fed[topic].items()}


async def behind(bench: Bench, fed: Mapping[Topic, Mapping[Place, bytes | None]]) -> list[str]:
    """The partitions of which a group has not committed all that was fed."""
    found: list[str] = []
    for group in READ:
        committed = await bench.committed(group)
        ends: dict[TopicPartition, int] = {}
        for name, number, offset in of_group(fed, group):
            place = TopicPartition(name, number)
            ends[place] = max(ends.get(place, 0), offset + 1)
        late = {at: end for at, end in ends.items() if committed.get(at, 0) < end}
        found += [f"{group} {at}: {committed.get(at, 0)} of {end}" for at, end in late.items()]
    return found


async def check_letters(bench: Bench, fed: Mapping[Topic, Mapping[Place, bytes | None]]) -> int:
    """Every bad record is a letter of each of its readers, whole, and no other is one."""
    kept: dict[str, dict[Place, DeadLetter]] = {group: {} for group in CHECKED}
    for value in await bench.values(DEAD_LETTERS):
        letter = DeadLetter.read(value or b"")
        if letter.consumer in kept:
            at = (letter.topic, letter.partition, letter.offset)
            kept[letter.consumer][at] = letter
    total = 0
    for group, letters in kept.items():
        given = of_group(fed, group)
        ours = {at: letter for at, letter in letters.items() if at in given}
        assert [one.reason for one in ours.values() if "handler failed" in one.reason] == []
        bad = {
            at for at, (topic, value) in given.items()
            if isinstance(validated(topic.event, value, "simulation"), str)
        }  # fmt: skip
        assert ours.keys() == bad, group
        for at, letter in ours.items():
            assert ": " in letter.reason
            assert base64.b64decode(letter.value) == (given[at][1] or b"")
        total += len(bad)
    return total


async def tell_good(bench: Bench, clock: SteppedClock) -> None:
    """A mention that a watch looks for is told, after all that was bad."""
    async with bench.wire() as wire:
        query = Query(any=("tourniquet municipal",))
        await wire.publish(WATCHES, watched(watch="good", query=query, cooldown_minutes=0))
        numbers = itertools.count()

        async def told() -> bool:
            clock.step(1)
            text = f"Le tourniquet municipal {next(numbers)}"
            said = mention(f"good-{text}", text, published_at=clock.now())
            await wire.publish(MENTIONS_OBSERVED, said)
            read = [
                validated(ALERTS_RAISED.event, value, "simulation")
                for value in await bench.values(ALERTS_RAISED)
            ]
            return any(not isinstance(one, str) and one.watch == "good" for one in read)

        await until_found(told, seconds=60)


async def run(bench: Bench, each: int, seed: int, catchers: Catchers, seconds: float) -> None:
    chance, clock = Random(seed), SteppedClock(NOW)
    # Half of it stands there before anybody reads, half comes while they do.
    fed = await feed(bench, each // 2, chance)
    with capture_logs():
        async with everybody(bench, clock, catchers) as parts:
            for topic, written in (await feed(bench, each // 2, chance)).items():
                fed[topic] |= written

            async def left() -> list[str]:
                clock.step(300)
                failures = [f"{name}: {part.failures()}" for name, part in parts.items()]
                late = await behind(bench, fed)
                return [*late, *failures] if late else []

            await until_found(left, lambda late: not late, seconds)
            assert await check_letters(bench, fed) > each
            await tell_good(bench, clock)
            for name in ("collector", "intake", "erasing"):
                assert parts[name].failures() == {}
            assert parts["alerts"].failures().keys() <= ALLOWED
            for name in ("alerts", "collector"):
                assert parts[name].unready() == parts[name].stalled() == {}
