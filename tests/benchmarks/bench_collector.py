"""The collector's worker: accounts it reads a second, and the memory it holds, by hosts asked.

One worker, as it is installed, a broker, and a server that answers as PeerTube's instances do at
once, each in a process of its own on this machine. A job is one account, which is one request, one
observation and one outcome published; jobs are spread over so many hosts. Quotas are the
scheduler's: what is measured is what a worker can do once it is granted.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import psutil

from contracts.jobs import JobEnded, JobGranted, JobSubject
from contracts.topics import COLLECT_JOBS, COLLECT_OUTCOMES
from deploy.local.servers.kafka import Broker
from deploy.local.supervision.children import free_port, listening
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.benchmarks.figures import Figure
from tests.deadlines import until_found, until_now
from tests.topics import read_whole

HOSTS = (1, 10, 100)
WARM, COUNT = 300, 6_000
NAMESPACE = "simulation"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
ASKED = re.compile(
    rb"GET /api/v1/video-channels/([^ ?]+)[^\r]*\r\n.*?\r\nhost: ([^\r]+)", re.S | re.I
)


def measure() -> Iterator[Figure]:
    """Yield the figures of the collector, by how many hosts it asks."""
    with tempfile.TemporaryDirectory(prefix="observatoire-bench-") as folder:
        broker, port = Broker(Path(folder) / "kafka"), free_port()
        broker.start()
        server = [sys.executable, "-m", "tests.benchmarks.bench_collector", str(port)]
        with subprocess.Popen(server) as instances:
            try:
                asyncio.run(create_topics(broker.url, NAMESPACE))
                until_now(lambda: listening(port))
                for hosts in HOSTS:
                    yield from _with(broker.url, port, hosts)
            finally:
                instances.terminate()
                broker.stop()


def _with(kafka_url: str, port: int, hosts: int) -> Iterator[Figure]:
    """Start a worker, have it read some accounts, then many, and stop it."""
    command = [str(Path(sys.executable).with_name("observatoire")), "collector", "run"]
    told = {
        "KAFKA_URL": kafka_url,
        "NETWORKS_VIA": f"http://127.0.0.1:{port}",
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "OBSERVATOIRE_OPS_PORT": str(ops := free_port()),
        "OBSERVATOIRE_LOG_LEVEL": "WARNING",
    }
    with subprocess.Popen([*command, "--part", "worker"], env=os.environ | told) as worker:
        try:
            asyncio.run(_granted(kafka_url, ops, hosts, "warm", WARM))
            used = psutil.Process(worker.pid)
            before = used.cpu_times()
            seconds = asyncio.run(_granted(kafka_url, ops, hosts, "measured", COUNT))
            after, held = used.cpu_times(), used.memory_info().rss / 1e6
        finally:
            worker.terminate()
            worker.wait()
    name = f"at_{hosts}_host{'s' if hosts > 1 else ''}"
    speed = COUNT / seconds
    busy = (after.user + after.system - before.user - before.system) / seconds
    yield Figure(
        "collector", f"accounts_per_second_{name}", speed, "1/s", f"one core at {busy:.0%}"
    )
    yield Figure("collector", f"worker_rss_{name}", held, "MB")
    if hosts == max(HOSTS):
        yield Figure("collector", "accounts_per_second", speed, "1/s", f"{hosts} hosts")


async def _granted(kafka_url: str, ops: int, hosts: int, what: str, count: int) -> float:
    """Grant jobs of an account each, and return in how many seconds all had ended.

    Raises `AssertionError` where one did not end well.
    """
    wire = Wire(kafka_url, "simulation", namespace=NAMESPACE)
    await wire.start()
    name, since, before = f"{hosts} {what}", datetime.now(UTC), await _done(ops)
    try:
        jobs = [_job(f"{name} {number}", number, hosts, since) for number in range(count)]
        await wire.publish_all(COLLECT_JOBS, jobs)
    finally:
        await wire.stop()
    await until_found(partial(_done, ops), lambda done: done >= count + before, seconds=120)
    found: list[JobEnded] = await read_whole(kafka_url, NAMESPACE, COLLECT_OUTCOMES)
    ended = [one for one in found if one.job.startswith(f"{name} ")]
    assert {one.cause for one in ended} == {"done"}, {one.detail for one in ended}
    return (max(one.ended_at for one in ended) - since).total_seconds()


async def _done(ops: int) -> float:
    """Return how many jobs the worker has ended, as its metrics say."""
    async with httpx.AsyncClient() as http:
        try:
            told = (await http.get(f"http://127.0.0.1:{ops}/metrics")).text
        except httpx.HTTPError:
            return 0.0
    found = re.findall(r'_job_seconds_count{network="peertube"} ([\d.e+]+)', told)
    return float(found[0]) if found else 0.0


def _job(name: str, number: int, hosts: int, now: datetime) -> JobGranted:
    host = f"video{number % hosts}.example"
    return JobGranted(
        event_id=name,
        origin="simulation",
        job=name,
        network="peertube",
        operation="profile",
        bucket=f"peertube:{host}",
        subjects=(JobSubject(subject=f"account {number}", handle=f"ville{number}@{host}"),),
        slot=now,
        epoch=1,
        granted_at=now,
        expires_at=now + timedelta(minutes=10),
    )


async def _serve(port: int) -> None:
    """Answer for every instance: a channel of the name that is asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = ASKED.search(await reader.readuntil(b"\r\n\r\n"))
                name, host = (part.decode() for part in asked.groups()) if asked else ("", "")
                body = json.dumps(_channel(name, host)).encode()
                writer.write(HEAD % len(body) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, limit=1 << 16)
    async with server:
        await server.serve_forever()


def _channel(name: str, host: str) -> dict[str, object]:
    number = int("".join(filter(str.isdigit, name)) or 0)
    return {
        "id": number + 1,
        "name": name,
        "host": host,
        "displayName": f"Ville {number}",
        "followersCount": number % 900,
        "followingCount": 0,
        "isLocal": True,
        "url": f"https://{host}/video-channels/{name}",
        "description": "Chaîne inventée " * 20,
    }


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
