"""`kill -9` of a worker and of the leading scheduler, in the middle of their work: nothing missing.

Real broker, real processes, real HTTP; one test, since rebalancing takes seconds.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from contracts.accounts import AccountObserved
from contracts.jobs import JobGranted, Progress
from contracts.posts import PostObserved, post_id
from contracts.topics import (
    ACCOUNTS_OBSERVED,
    ACCOUNTS_REGISTERED,
    COLLECT_JOBS,
    COLLECT_PROGRESS,
    POSTS_OBSERVED,
    Topic,
)
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.collector.planning.planner import SCHEDULER
from tests.collector.tiny import TinyBluesky, tiny_bluesky
from tests.deadlines import until

pytestmark = [pytest.mark.proof, pytest.mark.broker]

ACCOUNTS, POSTS = 60, 3
ROOT = Path(__file__).parents[2]


class Tail:
    """Everything that topics hold, read as it comes."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.records: dict[str, list[bytes]] = {}

    async def read(self) -> None:
        while True:
            for partition, records in (await self._consumer.getmany(timeout_ms=100)).items():
                values = [record.value or b"" for record in records]
                self.records.setdefault(partition.topic, []).extend(values)

    def of(self, topic: str) -> list[bytes]:
        return self.records.get(topic, [])


@asynccontextmanager
async def tail(kafka_url: str, namespace: str, *topics: Topic) -> AsyncIterator[Tail]:
    consumer = AIOKafkaConsumer(
        *[topic.on(namespace) for topic in topics],
        bootstrap_servers=kafka_url,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    reading = Tail(consumer)
    task = asyncio.create_task(reading.read())
    try:
        yield reading
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()


class Processes:
    """Collectors in processes of their own."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._alive: list[asyncio.subprocess.Process] = []

    async def start(self, part: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.collector.process", *self._arguments, part,
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        self._alive.append(process)
        await process.stdout.readline()
        return process

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        process.send_signal(signal.SIGKILL)
        await process.wait()

    async def kill_all(self) -> None:
        for process in self._alive:
            if process.returncode is None:
                await self.kill(process)


async def test_nothing_is_missing_after_a_worker_and_the_scheduler_are_killed(kafka_url):
    namespace = "kill"
    await create_topics(kafka_url, namespace)
    wire = Wire(kafka_url, "simulation", namespace=namespace)
    await wire.start()
    tiny = TinyBluesky(ACCOUNTS, POSTS, datetime.now(UTC), latency=0.3)
    async with tiny_bluesky(tiny):
        processes = Processes(kafka_url, namespace, tiny.url)
        try:
            accounts = [tiny.registered(number) for number in range(ACCOUNTS)]
            await wire.publish_all(ACCOUNTS_REGISTERED, accounts)
            worker, scheduler = await asyncio.gather(
                processes.start("worker"), processes.start("scheduler")
            )
            await until(lambda: tiny.asked.total() >= 8, 60)
            await processes.kill(worker)
            await processes.kill(scheduler)
            asked = tiny.asked.total()
            await asyncio.gather(processes.start("worker"), processes.start("scheduler"))
            async with tail(
                kafka_url, namespace, ACCOUNTS_OBSERVED, POSTS_OBSERVED, COLLECT_JOBS,
                COLLECT_PROGRESS,
            ) as seen:  # fmt: skip
                await until(lambda: complete(seen, tiny, namespace), 90)
                check_ids(seen, namespace)
                epochs = {JobGranted.read(v).epoch for v in seen.of(COLLECT_JOBS.on(namespace))}
                assert max(epochs) > min(epochs)
                own = [Progress.read(value) for value in seen.of(COLLECT_PROGRESS.on(namespace))]
                raised = [row.epoch for row in own if row.subject == SCHEDULER]
                assert raised == sorted(raised)
            assert asked < tiny.asked.total()
            assert all("Observatoire/" in agent and "+http" in agent for agent in tiny.agents)
        finally:
            await processes.kill_all()
            await wire.stop()


def complete(seen: Tail, tiny: TinyBluesky, namespace: str) -> bool:
    """Tell whether every account and every post has been observed."""
    accounts = {AccountObserved.read(v).account for v in seen.of(ACCOUNTS_OBSERVED.on(namespace))}
    posts = {PostObserved.read(v).post for v in seen.of(POSTS_OBSERVED.on(namespace))}
    wanted = {post_id("bluesky", uri) for n in range(ACCOUNTS) for uri in tiny.uris(n)}
    return accounts == {f"acc-{n}" for n in range(ACCOUNTS)} and posts == wanted


def check_ids(seen: Tail, namespace: str) -> None:
    """Check that what was observed twice in a slot is the same observation."""
    ids: dict[tuple[str, datetime], set[str]] = {}
    for value in seen.of(POSTS_OBSERVED.on(namespace)):
        post = PostObserved.read(value)
        ids.setdefault((post.post, post.slot), set()).add(post.event_id)
    assert all(len(some) == 1 for some in ids.values())
