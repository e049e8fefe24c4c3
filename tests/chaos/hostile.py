"""A million hostile records to every reader of every topic, on a real broker, in rounds.

``python -m tests.chaos.hostile --records 1000000``. After each round every group has read all of
it, and each bad record of the round is a letter of each of its readers. At the end a deployment
that refuses everything puts good records aside too, and a replay brings them back, each once.

Most records can be read and say nothing sensible; one in ten cannot. Where one in five cannot, a
reader stops by design: too many bad records are a bad deployment (libs/wire/checking.py).
"""

import asyncio
import base64
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import click
import pytest
import structlog
from aiokafka import AIOKafkaProducer

from deploy.local.servers.kafka import Broker
from libs.clock import SteppedClock
from libs.wire.checking import RecordCheck
from libs.wire.codec import Reader
from libs.wire.provision import create_topics
from services.scorer.intake.replay import DeadLetters
from tests.chaos.feeding import Bench, Fed, feed_round, producer_to, read_by_all
from tests.chaos.memory import Memory, run_exactly
from tests.chaos.refusal import REASON
from tests.conftest import Catchers, running_catchers
from tests.everybody import FED, OnBroker, everybody, tell_good
from tests.hostile import NOW, readable
from tests.topics import read_records

ROUND = 1_000
"""Records of each topic in a round."""

STEP_SECONDS = 600
"""By which the clock moves at each step: a message that cannot be made is tried for a day."""

STEPS_APART = 0.02
"""Seconds. Messages to one address go one a step: many steps are needed."""

ASIDE = 20
"""Good records of each topic that the last deployment puts aside: fewer in a row than stop it."""


@asynccontextmanager
async def time_going_on(clock: SteppedClock) -> AsyncIterator[None]:
    """Within, the clock moves."""

    async def go_on() -> None:
        while True:
            clock.step(STEP_SECONDS)
            await asyncio.sleep(STEPS_APART)

    going = asyncio.create_task(go_on())
    try:
        yield
    finally:
        going.cancel()


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
    url: str,
    producer: AIOKafkaProducer,
    catchers: Catchers,
    records: int,
    seed: int,
    memory: Memory,
    tell: Any,
) -> dict[str, Any]:
    """Have everybody read so many records; return what was counted."""
    clock, loop = SteppedClock(NOW), asyncio.get_running_loop()
    done, letters, began = 0, 0, time.monotonic()
    worked_before = time.process_time()
    bench = OnBroker(url, producer, "hostile")
    fed = (url, bench.namespace, seed, min(ROUND, -(-records // len(FED))))
    await create_topics(url, bench.namespace)
    with ProcessPoolExecutor(1, get_context("spawn")) as feeding:
        async with everybody(bench, clock, catchers) as parts:
            while done < records:
                async with time_going_on(clock):
                    more = await loop.run_in_executor(feeding, feed_round, *fed)
                done, letters = done + more[0], letters + more[1]
                held, worked = memory.note(done), time.process_time() - worked_before
                tell(
                    f"{done:,} records, {held.seconds} s ({worked:.0f} of processor), "
                    f"{held.used:.1f} MB in use, {held.resident:.1f} resident"
                )
            await tell_good(bench, clock)
            failing = {name: found for name, part in parts.items() if (found := part.failures())}
    return {
        "records": done,
        "letters": letters,
        "records a second": round(done / (time.monotonic() - began)),
        "memory": [str(one) for one in memory.rises()],
        "told at the end": failing,
    }


async def given_back(bench: Bench, catchers: Catchers, url: str) -> int:
    """Have good records refused, then replayed; return how many came back, each once."""
    clock, chance = SteppedClock(NOW), Random(1)
    async with everybody(bench, clock, catchers):
        with refusing():
            good = {topic: [readable(topic, chance) for _ in range(ASIDE)] for topic in FED}
            fed = await bench.fed(good)
            async with time_going_on(clock):
                await read_by_all(bench, fed)
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
        async with time_going_on(clock):
            await read_by_all(bench, back)
        again = [one for one in await bench.new_letters() if one.reason != REASON]
        assert again == [], [(one.topic, one.consumer, one.reason) for one in again]
    return len(records)


async def run(
    url: str, catchers: Catchers, records: int, seed: int, memory: Memory, tell: Any
) -> dict[str, Any]:
    """Feed so many records, then give back what a deployment put aside."""
    producer = producer_to(url)
    await producer.start()
    try:
        with quiet():
            counted = await rounds(url, producer, catchers, records, seed, memory, tell)
            async with Bench.opened(url, producer, "replayed") as bench:
                counted["put aside, replayed, taken"] = await given_back(bench, catchers, url)
    finally:
        await producer.stop()
    return counted


@click.command()
@click.option("--records", type=int, default=1_000_000, show_default=True)
@click.option("--seed", type=int, default=20261124, show_default=True)
@click.option("--csv", "lines", type=Path, help="Where memory is written, a line a round.")
def main(records: int, seed: int, lines: Path | None) -> None:
    """Feed them, print what was counted; fails where a record came to nothing that was meant.

    And where memory rises by more than is allowed, or what it does cannot be told.
    """
    run_exactly("tests.chaos.hostile")
    memory = Memory()
    with tempfile.TemporaryDirectory(prefix="hostile") as folder:
        broker = Broker(Path(folder, "kafka"))
        broker.start()
        try:
            tell = lambda said: click.echo(said, err=True)  # noqa: E731
            with running_catchers(Path(folder)) as catchers:
                counted = asyncio.run(run(broker.url, catchers, records, seed, memory, tell))
        finally:
            broker.stop()
            if lines is not None:
                memory.write(lines)
    click.echo(json.dumps(counted, indent=1))
    raise SystemExit(any(one.verdict != "flat" for one in memory.rises()))


if __name__ == "__main__":
    main()
