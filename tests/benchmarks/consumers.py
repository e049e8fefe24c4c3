"""What the intake benchmark runs, each in a process of its own: ours, and FastStream's usual way.

`python -m tests.benchmarks.consumers ours|faststream KAFKA CLICKHOUSE DATABASE NAMESPACE COUNT`
reads so many posts into ClickHouse and writes one line of JSON: seconds from before it connects to
the last commit, seconds of processor meanwhile, and the most memory it held (MB).
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from contracts.posts import PostObserved
from contracts.topics import POSTS_OBSERVED
from libs.wire.wire import Wire
from services.scorer import metrics
from services.scorer.app import tune_gc
from services.scorer.intake.intake import GROUP, Intake
from services.scorer.intake.rows import STORED
from services.scorer.intake.sink import EngineSink

BLOCK = 5_000


async def ours(kafka: str, sink: EngineSink, namespace: str, count: int) -> float:
    """Read through the scorer's intake, as it runs in production."""
    wire = Wire(kafka, "simulation", namespace=namespace)
    posts = [stored for stored in STORED if stored.topic is POSTS_OBSERVED]
    intake = Intake(wire, sink, stored=posts)
    intake.subscribe()
    witness = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=f"{namespace}.{GROUP}", enable_auto_commit=False
    )
    await witness.start()
    topic = POSTS_OBSERVED.on(namespace)
    partitions = [TopicPartition(topic, number) for number in range(POSTS_OBSERVED.partitions)]
    began = time.perf_counter()
    await wire.start()
    committed = 0
    while committed < count:
        await asyncio.sleep(0.02)
        # Asking costs the broker a little: only near the end.
        stored = metrics.STORED.labels("post_observations").collect()[0].samples[0].value
        if stored >= 0.98 * count:
            committed = sum([await witness.committed(each) or 0 for each in partitions])
    elapsed = time.perf_counter() - began
    await wire.stop()
    await witness.stop()
    return elapsed


async def faststream(kafka: str, sink: EngineSink, namespace: str, count: int) -> float:
    """Read one pydantic model at a time, as its documentation shows; insert by blocks, commit."""
    broker = KafkaBroker(kafka, logger=None)
    block: list[bytes] = []
    done, taken = asyncio.Event(), 0

    @broker.subscriber(
        POSTS_OBSERVED.on(namespace),
        group_id=f"{namespace}.faststream",
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        decoder=_model,
    )
    async def handle(event: PostObserved, message: KafkaMessage) -> None:
        nonlocal taken
        block.append(event.encode())
        taken += 1
        if len(block) == BLOCK or taken == count:
            await sink.insert("post_observations", block)
            await message.ack()
            block.clear()
        if taken == count:
            done.set()

    began = time.perf_counter()
    await broker.start()
    await done.wait()
    elapsed = time.perf_counter() - began
    await broker.stop()
    return elapsed


async def _model(message: Any) -> PostObserved:
    return PostObserved.read(message.body)


RUN: dict[str, Callable[[str, EngineSink, str, int], Awaitable[float]]] = {
    "ours": ours,
    "faststream": faststream,
}


async def main(name: str, kafka: str, clickhouse: str, database: str, *rest: str) -> None:
    """Run one, say what it took."""
    namespace, count = rest
    sink = EngineSink(clickhouse, database)
    before = time.process_time()
    seconds = await RUN[name](kafka, sink, namespace, int(count))
    processor = time.process_time() - before
    await sink.close()
    told = {"seconds": seconds, "processor": processor, "memory": memory()}
    sys.stdout.write(json.dumps(told) + "\n")


def memory() -> float:
    """Return the most memory this process has held (MB).

    Not `ru_maxrss`: a child starts with that of the process it was forked from.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    tune_gc()
    asyncio.run(main(*sys.argv[1:]))
