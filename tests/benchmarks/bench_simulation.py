"""The invented France: events of the past written a second, requests served a second on one core.

Events: a real broker beside, as many writing processes as processors; a year of the whole
invented France (some 36,000 territories), whole (every reading), compressed, the start of the
processes included. Requests: the server alone on one core, clients on the other, the mix that a
collector asks (profiles by 25, a page of an author's feed, known posts by 25, Business Discovery,
a page of statuses, a feed that has not changed).
"""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

from deploy.local.supervision.children import free_port, listening
from simulation.country.days import moment_of
from simulation.country.world import SEED, World
from simulation.networks import bluesky
from tests.benchmarks.figures import Figure
from tests.benchmarks.years import write_years
from tests.deadlines import until_now

TERRITORIES = 500
CLIENTS = 40
GOOD = (b"HTTP/1.1 200", b"HTTP/1.1 301", b"HTTP/1.1 304", b"HTTP/1.1 503")
"""A site of the mix that is behind a wall answers 503: as asked."""

LENGTH = re.compile(rb"(?i)content-length: (\d+)")
SECONDS = 5.0
NOW = "2026-10-13T12:00:00+02:00"


def measure() -> Iterator[Figure]:
    """Yield the figures of `figures.csv` for the simulation, and what goes with them."""
    yield from written()
    yield from served()


def written() -> Iterator[Figure]:
    """Events written a second and what they weigh, over a year of the whole invented France."""
    writing = write_years([SEED])
    name = f"{writing.events:,} events by {writing.workers} processes"
    speed, held = writing.events / writing.seconds, f"{writing.workers} processes together"
    yield Figure("simulation", "events_written_per_second", speed, "events/s", name)
    per_cpu = writing.events / writing.cpu
    yield Figure("simulation", "events_written_per_cpu_second", per_cpu, "events/s", name)
    weight = writing.stored / writing.events
    yield Figure("simulation", "bytes_stored_per_event", weight, "bytes", name)
    yield Figure("simulation", "writers_rss", writing.held / 1e6, "MB", held)


def served() -> Iterator[Figure]:
    """Requests served a second on one core."""
    world, port = World(size=TERRITORIES), free_port()
    command = [str(Path(sys.executable).with_name("observatoire")), "world", "serve"]
    command += ["--territories", str(TERRITORIES), "--port", str(port), "--at", NOW]
    cores = sorted(os.sched_getaffinity(0))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            until_now(lambda: listening(port))
            os.sched_setaffinity(server.pid, {cores[-1]})
            os.sched_setaffinity(0, {cores[0]})
            rate, used = asyncio.run(_load(port, list(asked(world)), server.pid))
        finally:
            os.sched_setaffinity(0, set(cores))
            server.terminate()
            server.wait()
    against = f"{CLIENTS} clients, server busy {used:.0%} of its core"
    yield Figure("simulation", "requests_served_per_second", rate, "requests/s", against)


def asked(world: World) -> Iterator[str]:
    """Addresses of the mix, three hundred accounts of each kind."""
    moment = moment_of(NOW)
    accounts = {
        network: [one for one in known if one.rules.observable(one) and one.open_at(moment)][:300]
        for network, known in world.by_network.items()
    }
    xrpc, graph = "https://public.api.bsky.app/xrpc", "https://graph.facebook.com/v25.0"
    blue = accounts["bluesky"]
    for rank, account in enumerate(blue):
        group = [blue[(rank + step) % len(blue)].native_id for step in range(25)]
        yield f"{xrpc}/app.bsky.actor.getProfiles?" + "&".join(f"actors={did}" for did in group)
        yield f"{xrpc}/app.bsky.feed.getAuthorFeed?actor={account.native_id}&limit=30"
        uris = [quote(bluesky.uri_of(post)) for post in world.latest(account, moment, 25)]
        if uris:
            yield f"{xrpc}/app.bsky.feed.getPosts?" + "&".join(f"uris={uri}" for uri in uris)
    fields = "id,username,followers_count,media.limit(25){id,caption,like_count,comments_count}"
    for rank, account in enumerate(accounts["instagram"]):
        expression = quote(f"business_discovery.username({account.handle_at(moment)}){{{fields}}}")
        yield f"{graph}/17841400000000000?access_token=t{rank}&fields={expression}"
    for account in accounts["mastodon"]:
        statuses = f"/api/v1/accounts/{account.native_id}/statuses?limit=40&exclude_reblogs=true"
        yield f"https://{account.host}{statuses}"
    yield from (account.native_id for account in accounts["rss"])


async def _load(port: int, addresses: list[str], server: int) -> tuple[float, float]:
    """(good answers a second, share of a core that the server used)."""
    requests = [_request(urlsplit(address)) for address in addresses]
    count, refused, deadline = 0, 0, 0.0

    async def client(rank: int) -> None:
        nonlocal count, refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        while time.perf_counter() < deadline:
            rank = (rank + 1) % len(requests)
            writer.write(requests[rank])
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            count += 1
            refused += not head.startswith(GOOD)
        writer.close()

    async def clock() -> None:
        """Move the world five minutes a second, so that no quota is ever spent."""
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            body = b'{"seconds":300}'
            length = b"Content-Length: %d" % len(body)
            writer.write(b"POST /__world__/clock HTTP/1.1\r\nHost: x\r\n" + length)
            writer.write(b"\r\n\r\n" + body)
            await reader.readuntil(b"\r\n\r\n")
            writer.close()
            await asyncio.sleep(1)

    ticking = asyncio.create_task(clock())
    step = len(requests) // CLIENTS
    began = before = 0.0
    for _ in range(2):
        # The first turn warms the server: a collector asks the same accounts again and again.
        count, refused, began, before = 0, 0, time.perf_counter(), _cpu(server)
        deadline = began + SECONDS
        await asyncio.gather(*(client(rank * step) for rank in range(CLIENTS)))
    ticking.cancel()
    seconds = time.perf_counter() - began
    if refused:
        raise RuntimeError(f"{refused} requests were refused: what is measured is not the mix")
    return count / seconds, (_cpu(server) - before) / seconds


def _request(url: SplitResult) -> bytes:
    """The bytes of a request, written beforehand: the client must cost less than the server."""
    return f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()


def _cpu(process: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
