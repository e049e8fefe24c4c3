"""Hosts that mean harm: the worker says what happened, goes on, and holds no more than 300 MB.

Real broker, a worker in a process of its own, a server of bytes; the memory is the most that the
process ever held, as its kernel says (`VmHWM`).
"""

import asyncio
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.jobs import JobEnded, JobGranted, JobSubject, Operation
from contracts.topics import COLLECT_JOBS, COLLECT_OUTCOMES
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.collector.test_kill import Processes, tail
from tests.deadlines import until

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.timeout(300)]

NAMESPACE = "hostile-hosts"
MOST = 300 * 1024 * 1024
EACH = 8
"""Jobs of each kind of harm, all at once: more than run side by side."""

Send = Callable[[bytes], Awaitable[None]]
HOST = re.compile(rb"\r\nhost: ([a-z-]+)", re.I)


async def endless(send: Send) -> None:
    """A body without end, as fast as it is read."""
    await send(head())
    while True:
        await send(b" " * 65_536)


async def bomb(send: Send) -> None:
    """Sixteen gigabytes of spaces, some sixteen megabytes on the way."""
    await send(head(b"Content-Encoding: gzip\r\n"))
    packing = zlib.compressobj(wbits=31)
    for _ in range(16_000):
        await send(packing.compress(b" " * 2**20))
    await send(packing.flush())


async def drip(send: Send) -> None:
    """A byte each quarter of a second, for ever."""
    await send(head())
    while True:
        await send(b"[")
        await asyncio.sleep(0.25)  # noqa: TID251 — a host that is slow


async def deep(send: Send) -> None:
    """JSON nested two million times, whole."""
    await whole(send, b"[" * 2_000_000 + b"]" * 2_000_000)


async def deep_objects(send: Send) -> None:
    """Objects in objects, never closed."""
    await whole(send, b'{"a":' * 900_000)


async def elements(send: Send) -> None:
    """XML nested without end."""
    await whole(send, b"<rss><channel>" + b"<a>" * 1_500_000)


async def laughs(send: Send) -> None:
    """Entities that stand for ten others each, nine times over."""
    entities = b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"ha") for n in range(10)
    )
    await whole(send, b"<!DOCTYPE r [" + entities + b"]><rss><title>&a9;</title></rss>")


async def headers(send: Send) -> None:
    """Headers without end."""
    await send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await send(b"X-More: " + b"a" * 4_000 + b"\r\n")


async def many(send: Send) -> None:
    """As many small things as five megabytes hold: none is what it should be."""
    await whole(send, b"[" + b'{"id":1},' * 550_000 + b"{}]")


async def good(send: Send) -> None:
    """An account, as an instance gives it."""
    await whole(send, b'{"id":"1","username":"ville","acct":"ville","followers_count":5}')


def head(more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more + b"\r\n"


async def whole(send: Send, body: bytes) -> None:
    await send(head(b"Content-Length: %d\r\n" % len(body)) + body)


HARM: dict[str, tuple[Callable[[Send], Awaitable[None]], str, Operation]] = {
    "endless": (endless, "mastodon", "posts"),
    "endless-feed": (endless, "rss", "mentions"),
    "bomb": (bomb, "mastodon", "posts"),
    "bomb-feed": (bomb, "rss", "mentions"),
    "drip": (drip, "peertube", "profile"),
    "deep": (deep, "mastodon", "posts"),
    "deep-search": (deep, "mastodon", "mentions"),
    "deep-objects": (deep_objects, "peertube", "posts"),
    "elements": (elements, "rss", "mentions"),
    "laughs": (laughs, "rss", "feed"),
    "headers": (headers, "mastodon", "profile"),
    "many": (many, "peertube", "posts"),
    "good": (good, "mastodon", "profile"),
}
LEFT_UNREAD = "laughs"
"""A feed of nothing: its entities stand for nothing."""


@asynccontextmanager
async def hosts() -> AsyncIterator[str]:
    """All of them, on one port: the first word of the host's name says which."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(some: bytes) -> None:
            writer.write(some)
            await writer.drain()

        try:
            asked = HOST.search(await reader.readuntil(b"\r\n\r\n"))
            await HARM[asked[1].decode() if asked else ""][0](send)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def job(kind: str, number: int, now: datetime) -> JobGranted:
    _, network, operation = HARM[kind]
    host, name = f"{kind}.example", f"{kind}-{number}"
    handle = f"https://{host}/{number}" if network == "rss" else f"ville{number}@{host}"
    native = None if network == "rss" else "1"
    return JobGranted(
        event_id=name, origin="simulation", job=name, network=network, operation=operation,
        bucket=f"{network}:{host}", slot=now, epoch=1, granted_at=now,
        subjects=(JobSubject(subject=name, handle=handle, native_id=native),),
        expires_at=now + timedelta(minutes=10),
    )  # fmt: skip


def most_held(pid: int) -> int:
    """The most that a process ever held, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


async def test_a_worker_outlives_hosts_that_mean_harm_within_300_mb(kafka_url):
    await create_topics(kafka_url, NAMESPACE)
    wire = Wire(kafka_url, "simulation", namespace=NAMESPACE)
    await wire.start()
    async with hosts() as url, tail(kafka_url, NAMESPACE, COLLECT_OUTCOMES) as seen:
        processes = Processes(kafka_url, NAMESPACE, url)
        worker = await processes.start("worker")
        before = most_held(worker.pid)

        def ended() -> list[JobEnded]:
            return [JobEnded.read(one) for one in seen.of(COLLECT_OUTCOMES.on(NAMESPACE))]

        try:
            now = datetime.now(UTC)
            jobs = [job(kind, number, now) for number in range(EACH) for kind in HARM]
            await wire.publish_all(COLLECT_JOBS, jobs)
            await until(lambda: {one.job for one in ended()} >= {one.job for one in jobs}, 150)
            after = await asked_again(wire, ended)
            held = most_held(worker.pid)
        finally:
            await processes.kill_all()
            await wire.stop()
    told = {one.job: one for one in ended()}
    causes = Counter((one.job.rpartition("-")[0], one.cause) for one in told.values())
    print(f"before {before / 2**20:.0f} MB, most {held / 2**20:.0f} MB", causes)  # noqa: T201
    assert causes["good", "done"], causes
    harm = {cause for kind, cause in causes if kind not in ("good", LEFT_UNREAD)}
    assert harm <= {"unavailable", "refused"}, causes
    assert all(one.detail for one in told.values() if one.cause != "done")
    assert {one.observed for name, one in told.items() if not name.startswith("good-")} == {0}
    assert after.cause == "done"
    assert held < MOST


async def asked_again(wire: Wire, ended: Callable[[], list[JobEnded]]) -> JobEnded:
    """How a good job ends that is granted after all that."""
    last = job("good", EACH, datetime.now(UTC))
    await wire.publish(COLLECT_JOBS, last)
    await until(lambda: any(one.job == last.job for one in ended()), 60)
    return next(one for one in ended() if one.job == last.job)
