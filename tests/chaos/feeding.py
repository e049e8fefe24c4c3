"""What hostile records are written, read and compared by, beside the readers of `hostile.py`.

In a process of its own, what a round takes is not held among what readers hold: its pages would be
kept by whatever of theirs stands between.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition

from contracts.dead_letters import DeadLetter
from contracts.topics import DEAD_LETTERS, Topic
from libs.wire.codec import validated
from libs.wire.provision import create_topics
from libs.wire.read_to_end import partitions_of
from tests.deadlines import until_found
from tests.everybody import CHECKED, FED, OnBroker, Place, behind, of_group
from tests.hostile import Written, bearable
from tests.topics import places_of

READ_SECONDS = 900.0
LOOKS_APART = 0.3

Fed = dict[Topic, dict[Place, bytes | None]]
Drawn = dict[Topic, list[tuple[Written, bool]]]
"""Of each topic: what is written, and whether nobody can read it."""


def producer_to(kafka_url: str) -> AIOKafkaProducer:
    """Return what writes records of any size that the broker takes."""
    return AIOKafkaProducer(bootstrap_servers=kafka_url, max_request_size=2**21, linger_ms=20)


class Bench(OnBroker):
    """The broker, and the letters that came since the last look."""

    def __init__(self, kafka_url: str, producer: AIOKafkaProducer, namespace: str) -> None:
        super().__init__(kafka_url, producer, namespace)
        self._at: dict[TopicPartition, int] = {}
        self._letters = self.wire().log.consumer()

    async def start(self) -> None:
        await super().start()
        await self._letters.start()

    async def stop(self) -> None:
        await self._letters.stop()
        await super().stop()

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, kafka_url: str, producer: AIOKafkaProducer, namespace: str
    ) -> AsyncIterator["Bench"]:
        """Topics of a name of their own, and what looks at them."""
        await create_topics(kafka_url, namespace)
        bench = cls(kafka_url, producer, namespace)
        await bench.start()
        try:
            yield bench
        finally:
            await bench.stop()

    async def ends(self) -> dict[TopicPartition, int]:
        """Where each partition of what is fed ends."""
        return await self._letters.end_offsets(places_of(self.namespace, FED))

    async def fed(self, records: Mapping[Topic, list[Any]]) -> Fed:
        """Write records; what was written, by topic and place."""
        fed: Fed = {}
        for topic, written in records.items():
            offsets = await self.write(topic, written)
            fed[topic] = {
                (topic.on(self.namespace), one.partition, offset): one.value
                for one, offset in zip(written, offsets, strict=True)
            }
        return fed

    async def new_letters(self) -> list[DeadLetter]:
        """The letters since the last call."""
        places = partitions_of(DEAD_LETTERS, self.namespace)
        ends = await self._letters.end_offsets(places)
        self._letters.assign(places)
        found: list[DeadLetter] = []
        for place in places:
            self._letters.seek(place, self._at.get(place, 0))
        left = {place for place in places if self._at.get(place, 0) < ends[place]}
        while left:
            for _, records in (await self._letters.poll(200)).items():
                found += [DeadLetter.read(one.value or b"") for one in records]
            for place in list(left):
                if await self._letters.position(place) >= ends[place]:
                    left.discard(place)
                    self._at[place] = await self._letters.position(place)
        return found


class Feeder:
    """Feeds rounds of one seed, one after the other; the next is drawn while one is read."""

    def __init__(self, kafka_url: str, namespace: str, seed: int, each: int) -> None:
        self._runner = asyncio.Runner()
        self._kafka_url = kafka_url
        self._namespace = namespace
        self._seed = seed
        self._each = each
        self._number = 0
        self._coming = self._drawn()
        self._bench: Bench | None = None

    def round(self) -> tuple[int, int]:
        """Write a round, wait until all have read it, compare; how many records, and letters."""
        return self._runner.run(self._round())

    async def _round(self) -> tuple[int, int]:
        bench = self._bench or await self._opened()
        drawn, fed, bad = self._coming, Fed(), set[Place]()
        for topic, records in drawn.items():
            fed |= await bench.fed({topic: [one for one, _ in records]})
            places = zip(fed[topic], records, strict=True)
            bad |= {at for at, (_, unreadable) in places if unreadable}
        self._coming = self._drawn()
        await read_by_all(bench, fed)
        return sum(map(len, fed.values())), compared(fed, bad, await bench.new_letters())

    async def _opened(self) -> Bench:
        producer = producer_to(self._kafka_url)
        await producer.start()
        self._bench = Bench(self._kafka_url, producer, self._namespace)
        await self._bench.start()
        return self._bench

    def _drawn(self) -> Drawn:
        chance = Random(f"{self._seed} {self._number}")
        self._number += 1
        made: Drawn = {}
        for topic in FED:
            written = [bearable(topic, chance) for _ in range(self._each)]
            read = (validated(topic.event, one.value, "simulation") for one in written)
            made[topic] = [
                (one, isinstance(said, str)) for one, said in zip(written, read, strict=True)
            ]
        return made


@cache
def feeder(kafka_url: str, namespace: str, seed: int, each: int) -> Feeder:
    """Return the one of this process."""
    return Feeder(kafka_url, namespace, seed, each)


def feed_round(kafka_url: str, namespace: str, seed: int, each: int) -> tuple[int, int]:
    """Feed the next round (see `Feeder.round`)."""
    return feeder(kafka_url, namespace, seed, each).round()


async def read_by_all(bench: Bench, fed: Fed) -> None:
    """Return once every group has committed all that was fed."""

    async def left() -> list[str]:
        await asyncio.sleep(LOOKS_APART)
        return await behind(bench, fed)

    await until_found(left, lambda late: not late, READ_SECONDS)


def compared(fed: Fed, bad: set[Place], letters: list[DeadLetter]) -> int:
    """Compare letters with what nobody can read; return how many there are."""
    found: dict[str, set[Place]] = {group: set() for group in CHECKED}
    for one in letters:
        if one.consumer in found:
            assert ": " in one.reason, one.reason
            assert "handler failed" not in one.reason, one.reason
            found[one.consumer].add((one.topic, one.partition, one.offset))
    for group, places in found.items():
        given = of_group(fed, group).keys()
        assert places & given == bad & given, group
    return sum(map(len, found.values()))
