"""What becomes of many records that are published together, when the broker refuses one."""

import asyncio
import gc
from collections.abc import Awaitable
from typing import Any

import pytest
from aiokafka.errors import KafkaError, KafkaTimeoutError

from contracts.topics import ACCOUNTS_OBSERVED
from libs.wire import wire as wire_module
from libs.wire.wire import Wire
from tests.deadlines import turn, until
from tests.suites.log import observed
from tests.suites.memory import MemoryLog


def refused() -> KafkaError:
    return KafkaError("refused")


class Answers(MemoryLog):
    """A log that answers when the test says so, and takes no more than `most` records."""

    def __init__(self, most: int = 3) -> None:
        super().__init__()
        self.answers: list[asyncio.Future[object]] = []
        self._most = most

    async def send(self, *_: Any, **__: Any) -> Awaitable[object]:
        if len(self.answers) == self._most:
            raise KafkaTimeoutError
        self.answers.append(asyncio.get_running_loop().create_future())
        return self._of(self.answers[-1])

    async def _of(self, answer: asyncio.Future[object]) -> object:
        return await answer


def publishing(log: Answers) -> asyncio.Task[None]:
    wire = Wire("nowhere:1", "simulation", log=log)
    events = [observed(number) for number in range(3)]
    return asyncio.create_task(wire.publish_all(ACCOUNTS_OBSERVED, events))


@pytest.fixture
async def unseen():
    """What the event loop tells of that nobody saw, once all is collected."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    return told


async def collected() -> None:
    await turn(3)
    gc.collect()
    await turn()


async def test_an_error_waits_for_what_becomes_of_the_others():
    log = Answers()
    task = publishing(log)
    await until(lambda: len(log.answers) == 3)
    log.answers[0].set_exception(refused())
    await turn(5)
    assert not task.done()
    log.answers[1].set_result(None)
    log.answers[2].set_exception(KafkaError("later"))
    with pytest.raises(KafkaError, match="refused"):
        await task


@pytest.mark.filterwarnings("error")
async def test_what_was_handed_over_is_awaited_though_the_next_cannot_be(unseen):
    log = Answers(most=2)
    task = publishing(log)
    await until(lambda: len(log.answers) == 2)
    await turn(5)
    assert not task.done()
    for answer in log.answers:
        answer.set_exception(refused())
    with pytest.raises(KafkaTimeoutError):
        await task
    del answer, task
    log.answers.clear()
    await collected()
    assert not unseen


async def test_an_answer_that_never_comes_does_not_keep_the_error(monkeypatch):
    monkeypatch.setattr(wire_module, "FLUSH_SECONDS", 0.05)
    log = Answers()
    task = publishing(log)
    await until(lambda: len(log.answers) == 3)
    log.answers[1].set_exception(refused())
    with pytest.raises(KafkaError, match="refused"):
        await task
    await turn()
    assert log.answers[0].cancelled()


async def test_who_is_told_to_stop_waits_for_no_answer(unseen):
    log = Answers()
    task = publishing(log)
    await until(lambda: len(log.answers) == 3)
    log.answers[0].set_exception(refused())
    await turn(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    del task
    log.answers.clear()
    await collected()
    assert not unseen
