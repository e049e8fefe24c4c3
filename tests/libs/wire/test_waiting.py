"""Waiting for a group: all that its topics hold counts, what it has read already or not."""

import asyncio

import pytest

from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED
from libs.wire.backends.log import Batches
from libs.wire.lane import Pace
from libs.wire.provision import create_topics
from libs.wire.waiting import wait_until_read
from libs.wire.wire import Wire
from libs.wire.work import Later
from tests.suites.log import observed

pytestmark = pytest.mark.broker


async def test_what_a_group_has_not_begun_to_read_is_waited_for(kafka_url):
    name = "waiting"
    await create_topics(kafka_url, name, [ACCOUNTS_OBSERVED, POSTS_OBSERVED])
    seen: list[bytes | None] = []
    first = asyncio.Event()

    async def read(batches: Batches) -> None:
        """One record only, then nothing more until the test has seen that it is waited for."""
        if seen and not first.is_set():
            raise Later("one at first")
        seen.extend(record.value for records in batches.values() for record in records)

    wire = Wire(kafka_url, "simulation", namespace=name, pause=lambda _: 0.01)
    wire.subscribe_raw([ACCOUNTS_OBSERVED, POSTS_OBSERVED], "g", read, pace=Pace(max_records=1))
    told: list[tuple[int, int]] = []

    def progress(done: int, wanted: int) -> None:
        told.append((done, wanted))
        if seen:
            first.set()

    async with Wire(kafka_url, "simulation", namespace=name) as writer:
        for number in range(40):
            await writer.publish(ACCOUNTS_OBSERVED, observed(number))
    waiting = asyncio.create_task(wait_until_read(kafka_url, f"{name}.g", progress))
    await wire.start()
    try:
        async with asyncio.timeout(30):
            await waiting
    finally:
        await wire.stop()
    assert {wanted for _, wanted in told} == {40}
    assert told[0][0] < 40
    assert len(set(seen)) == 40


async def test_topics_without_a_record_are_read(kafka_url):
    name = "waiting-for-nothing"
    await create_topics(kafka_url, name, [ACCOUNTS_OBSERVED])
    wire = Wire(kafka_url, "simulation", namespace=name)

    async def read(_: Batches) -> None: ...

    wire.subscribe_raw([ACCOUNTS_OBSERVED], "g", read)
    await wire.start()
    try:
        async with asyncio.timeout(30):
            await wait_until_read(kafka_url, f"{name}.g")
    finally:
        await wire.stop()
