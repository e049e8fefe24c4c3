"""A million hostile records to every reader of every topic, on a real broker, in rounds.

``python -m tests.chaos.hostile --records 1000000``. After each round every group has read all of
it, and each bad record of the round is a letter of each of its readers. At the end a deployment
that refuses everything puts good records aside too, and a replay brings them back, each once.

Most records can be read and say nothing sensible; one in ten cannot. Where one in five cannot, a
reader stops by design: too many bad records are a bad deployment (libs/wire/checking.py).
"""

import asyncio
import base64
import ctypes
import gc
import itertools
import json
import pickle
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import click
import psutil
import pytest
import structlog
from aiokafka import AIOKafkaProducer, TopicPartition

from contracts.dead_letters import DeadLetter
from contracts.topics import DEAD_LETTERS, Topic
from deploy.local.servers.kafka import Broker
from libs.clock import SteppedClock
from libs.wire.checking import RecordCheck
from libs.wire.codec import Reader, validated
from libs.wire.provision import create_topics
from libs.wire.read_to_end import partitions_of
from services.scorer.intake.replay import DeadLetters
from tests.chaos.refusal import REASON
from tests.conftest import Catchers, running_catchers
from tests.deadlines import until_found
from tests.endurance.trend import BLOCKS, trend
from tests.everybody import CHECKED, FED, OnBroker, Place, behind, everybody, of_group, tell_good
from tests.hostile import NOW, Written, bearable, readable
from tests.topics import places_of, read_records

ROUND = 1_000
"""Records of each topic in a round."""

FILLED = 60_000
"""Records by which all that is kept of names is: from then on memory is to be flat."""

READ_SECONDS = 900.0
STEP_SECONDS = 600
"""By which the clock moves at each step: a message that cannot be made is tried for a day."""

STEPS_APART, LOOKS_APART = 0.02, 0.3
"""Seconds. Messages to one address go one a step: far more steps than looks are needed."""

ASIDE = 20
"""Good records of each topic that the last deployment puts aside: fewer in a row than stop it."""

_trim = ctypes.CDLL(None).malloc_trim

Fed = dict[Topic, dict[Place, bytes | None]]
Drawn = dict[str, list[tuple[Written, bool]]]
"""Of each topic: what is written, and whether nobody can read it."""


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

    async def fed_round(self, drawn: Drawn) -> tuple[Fed, set[Place]]:
        """Write a round; what was written by topic and place, and where nobody can read it."""
        of_topic = {topic: drawn[topic.name] for topic in FED}
        fed = await self.fed({topic: [one for one, _ in of_topic[topic]] for topic in FED})
        bad = {
            at
            for topic, places in fed.items()
            for at, (_, unreadable) in zip(places, of_topic[topic], strict=True)
            if unreadable
        }
        return fed, bad

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


def drawn_round(seed: str, each: int) -> bytes:
    """Draw a round, in a process of its own: readers that must show that they live share ours.

    As bytes (of `pickle`, a `Drawn`): what waits for its turn is one piece of memory.
    """
    chance = Random(seed)
    made: Drawn = {}
    for topic in FED:
        written = [bearable(topic, chance) for _ in range(each)]
        read = (validated(topic.event, one.value, "simulation") for one in written)
        made[topic.name] = [
            (one, isinstance(said, str)) for one, said in zip(written, read, strict=True)
        ]
    return pickle.dumps(made)


async def read(bench: Bench, fed: Fed, clock: SteppedClock, parts: Mapping[str, Any]) -> None:
    """Return once every group has committed all that was fed."""

    async def go_on() -> None:
        while True:
            clock.step(STEP_SECONDS)
            await asyncio.sleep(STEPS_APART)

    async def left() -> list[str]:
        await asyncio.sleep(LOOKS_APART)
        late = await behind(bench, fed)
        return [*late, *(f"{n}: {part.failures()}" for n, part in parts.items())] if late else []

    time_goes_on = asyncio.create_task(go_on())
    try:
        await until_found(left, lambda late: not late, READ_SECONDS)
    finally:
        time_goes_on.cancel()


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


@contextmanager
def quiet() -> Iterator[None]:
    """Within, nothing is logged: lines are many, each is a letter too, and kept they are a leak."""

    def dropped(*_: object) -> Any:
        raise structlog.DropEvent

    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [dropped]
    try:
        yield
    finally:
        processors[:] = before


@contextmanager
def refusing() -> Iterator[None]:
    """Within, no reader takes a record."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RecordCheck, "check", lambda *_: REASON)
        patch.setattr(
            Reader, "read_all", lambda _, values: ([], [(n, REASON) for n in range(len(values))])
        )
        yield


async def rounds(
    bench: Bench, catchers: Catchers, records: int, seed: int, tell: Any
) -> dict[str, Any]:
    """Feed so many records to everybody; return what was counted."""
    clock, process, loop = SteppedClock(NOW), psutil.Process(), asyncio.get_running_loop()
    memory, done, letters, began = dict[int, int](), 0, 0, time.monotonic()
    worked_before = time.process_time()
    numbers = itertools.count()

    def draw() -> asyncio.Future[bytes]:
        each = min(ROUND, -(-records // len(FED)))
        return loop.run_in_executor(drawing, drawn_round, f"{seed} {next(numbers)}", each)

    with ProcessPoolExecutor(1) as drawing:
        coming = draw()
        async with everybody(bench, clock, catchers) as parts:
            while done < records:
                made: Drawn = pickle.loads(await coming)
                coming = draw()
                fed, bad = await bench.fed_round(made)
                await read(bench, fed, clock, parts)
                letters += compared(fed, bad, await bench.new_letters())
                done += sum(map(len, fed.values()))
                del made, fed, bad
                gc.collect()
                _trim(0)  # what is free and not given back is nobody's
                memory[done] = round(process.memory_info().rss / 2**20)
                worked = time.process_time() - worked_before
                tell(
                    f"{done:,} records, {time.monotonic() - began:.0f} s"
                    f" ({worked:.0f} of processor), {memory[done]} MB"
                )
            await tell_good(bench, clock)
            failing = {name: found for name, part in parts.items() if (found := part.failures())}
    return {
        "records": done,
        "letters": letters,
        "records a second": round(done / (time.monotonic() - began)),
        "memory (MB) after so many": at_tenths(memory),
        f"memory (MB) from record {FILLED:,} on": since_filled(memory),
        "told at the end": failing,
    }


def since_filled(memory: dict[int, int]) -> str:
    """Say what memory is and by how much it rises once everything is filled (95 %)."""
    points = [(float(at), float(held)) for at, held in memory.items() if at >= FILLED]
    return str(trend(points)) if len(points) >= BLOCKS else "too few rounds"


def at_tenths(memory: dict[int, int]) -> dict[int, int]:
    """The memory at ten moments of a run."""
    moments = list(memory)
    return {at: memory[at] for at in moments[:: max(1, len(moments) // 10)] + moments[-1:]}


async def given_back(bench: Bench, catchers: Catchers, url: str) -> int:
    """Have good records refused, then replayed; return how many came back, each once."""
    clock, chance = SteppedClock(NOW), Random(1)
    async with everybody(bench, clock, catchers) as parts:
        with refusing():
            good = {topic: [readable(topic, chance) for _ in range(ASIDE)] for topic in FED}
            await read(bench, await bench.fed(good), clock, parts)
            aside = [one for one in await bench.new_letters() if one.reason == REASON]
        wanted = Counter((one.topic, one.partition, one.value) for one in aside)
        # A record that several readers put aside comes back once.
        records = {(one.topic, one.partition, one.offset) for one in aside}
        before = await bench.ends()
        done = await DeadLetters(url, bench.namespace).replay()
        # What the services themselves said meanwhile was put aside too, perhaps a moment later.
        assert done.replayed.total() >= len(records)
        assert not done.given_up
        back: Fed = {topic: {} for topic in FED}
        found = Counter[tuple[str, int, str]]()
        for topic in FED:
            for place, record in await read_records(url, bench.namespace, topic):
                if place.topic == topic.on(bench.namespace) and record.offset >= before[place]:
                    back[topic][place.topic, place.partition, record.offset] = record.value
                    value = base64.b64encode(record.value or b"").decode()
                    found[place.topic, place.partition, value] += 1
        assert wanted.keys() <= found.keys()
        await read(bench, back, clock, parts)
        again = [one for one in await bench.new_letters() if one.reason != REASON]
        assert again == [], [(one.topic, one.consumer, one.reason) for one in again]
    return len(records)


async def run(url: str, catchers: Catchers, records: int, seed: int, tell: Any) -> dict[str, Any]:
    """Feed so many records, then give back what a deployment put aside."""
    producer = AIOKafkaProducer(bootstrap_servers=url, max_request_size=2**21, linger_ms=20)
    await producer.start()
    try:
        with quiet():
            async with Bench.opened(url, producer, "hostile") as bench:
                counted = await rounds(bench, catchers, records, seed, tell)
            async with Bench.opened(url, producer, "replayed") as bench:
                counted["put aside, replayed, taken"] = await given_back(bench, catchers, url)
    finally:
        await producer.stop()
    return counted


@click.command()
@click.option("--records", type=int, default=1_000_000, show_default=True)
@click.option("--seed", type=int, default=20261124, show_default=True)
def main(records: int, seed: int) -> None:
    """Feed them, print what was counted; fails where a record came to nothing that was meant."""
    with tempfile.TemporaryDirectory(prefix="hostile") as folder:
        broker = Broker(Path(folder, "kafka"))
        broker.start()
        try:
            tell = lambda said: click.echo(said, err=True)  # noqa: E731
            with running_catchers(Path(folder)) as catchers:
                counted = asyncio.run(run(broker.url, catchers, records, seed, tell))
        finally:
            broker.stop()
    click.echo(json.dumps(counted, indent=1))


if __name__ == "__main__":
    main()
