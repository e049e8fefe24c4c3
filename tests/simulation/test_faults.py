"""Faults on demand: each kind, on each network where it makes sense, and what a collector reads."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

import aiohttp
import msgspec
import pytest

from contracts.jobs import JobGranted
from contracts.networks import BY_SLUG, NETWORKS
from libs.clock import SteppedClock
from services.collector.networks import reader_of
from services.collector.readers.reader import Answer, Parsed
from simulation.country.world import World
from simulation.network import network_named
from simulation.networks import rss
from simulation.networks.bluesky import STREAM_HOSTS
from simulation.networks.mastodon import INSTANCES
from simulation.serving.control import control
from simulation.serving.faults import Fault, Kind
from simulation.serving.graph import GraphNetwork
from simulation.serving.platforms import Networks
from simulation.serving.server import serve
from tests.simulation.client import Client
from tests.simulation.collecting import CREDENTIALS, answer_to, asked, busiest, jobs, subject_of
from tests.suites.network import job_of

NOON = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)
CONNECTION = ("slow", "closed")
"""Kinds that are acted by the server, over a real connection."""

GRAPH = [slug for slug in BY_SLUG if issubclass(network_named(slug), GraphNetwork)]
CAUSES: dict[Kind, dict[str, tuple[int, str]]] = {
    "429": dict.fromkeys(BY_SLUG, (429, "rate_limited"))
    | dict.fromkeys(GRAPH, (400, "rate_limited")),
    "500": dict.fromkeys(BY_SLUG, (500, "unavailable")),
    "503": dict.fromkeys(BY_SLUG, (503, "unavailable")) | {"rss": (503, "refused")},
    "html": dict.fromkeys(BY_SLUG, (200, "unavailable")),
    "broken": dict.fromkeys(BY_SLUG, (200, "unavailable")) | {"rss": (200, "done")},
    "expired_token": {one.slug: (401, "credential") for one in NETWORKS if one.needs_token}
    | dict.fromkeys(GRAPH, (400, "credential"))
    | {"mastodon": (401, "refused"), "flickr": (200, "credential")},
}
"""By kind and network: the status, and what the collector makes of it. A wall before a feed is no
outage; of a feed cut short the whole entries are read; without a credential none can expire.
Flickr refuses a key in the body of an answer of status 200."""


def job_on(networks: Networks, network: str) -> JobGranted:
    """A job of a network: of its API, where a feed stands beside it."""
    facts = BY_SLUG[network]
    operation = "feed" if facts.paced else "profile" if facts.older_pages else "posts"
    return jobs(networks, network)[operation]


def struck(networks: Networks, job: JobGranted) -> tuple[Answer, Parsed]:
    answer = asked(networks, job)
    return answer, reader_of(job.network).read(job, answer)


def test_every_kind_of_fault_is_tried_on_every_network():
    assert {*CAUSES, *CONNECTION} == {*get_args(Kind)}
    for kind, networks in CAUSES.items():
        some = kind == "expired_token"
        assert networks.keys() >= {one.slug for one in NETWORKS if one.needs_token or not some}


@pytest.mark.parametrize(
    ("kind", "network"), [(kind, network) for kind, some in CAUSES.items() for network in some]
)
def test_a_fault_is_what_the_network_does_on_a_bad_day(networks, kind, network):
    job = job_on(networks, network)
    good, parsed = struck(networks, job)
    assert (good.status, parsed.cause) == (200, "done")
    networks.faults.known.append(Fault(kind, seconds=77))
    answer, parsed = struck(networks, job)
    assert (answer.status, parsed.cause) == CAUSES[kind][network], parsed.detail
    assert networks.faults.struck == {kind: 1}
    if answer.status == 429:
        assert parsed.retry_at == NOON + timedelta(seconds=77)
    if kind == "broken":
        assert answer.body == good.body[: len(good.body) // 2]
    networks.faults.known.clear()
    assert struck(networks, job)[0].body == good.body


@pytest.mark.parametrize("network", BY_SLUG)
def test_what_breaks_after_having_been_let_in_is_charged_and_a_storm_is_not(networks, network):
    job = job_on(networks, network)

    def spent(*kinds: Kind) -> int:
        total = sum(bucket.asked for bucket in networks.ledger.buckets.values())
        networks.faults.known.extend(map(Fault, kinds))
        struck(networks, job)
        networks.faults.known.clear()
        return sum(bucket.asked for bucket in networks.ledger.buckets.values()) - total

    good = spent()
    assert good > 0
    assert spent("500") == good
    assert spent("broken") == good
    assert spent("429") == 0


def test_faults_strike_where_when_and_as_often_as_told(client, networks):
    url = "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfile?actor=essaisuronde.example"
    now = networks.moment()
    body = {"kind": "500", "host": "bsky.app", "path": "getProfile", "per_mille": 500}
    body |= {"since": now - 5, "until": now + 60}
    control(networks, "POST", "faults", msgspec.json.encode(body))
    seen = Counter(client.get(url)[0] for _ in range(200))
    assert 60 < seen[500] < 140
    assert seen[500] + seen[200] == 200
    assert client.get(f"https://{INSTANCES[0]}/api/v2/instance")[0] == 200
    clock = cast("SteppedClock", networks.clock)
    clock.step_to(clock.now() + timedelta(seconds=61))
    assert {client.get(url)[0] for _ in range(50)} == {200}


def test_one_credential_expires_and_the_other_does_not(networks):
    networks.faults.known.append(Fault("expired_token", credential="token-2"))
    page = busiest(networks, "facebook").native_id
    client = Client(networks)
    url = f"https://graph.facebook.com/v25.0/{page}?fields=id&access_token="
    assert client.get(url + "token-1")[0] == 200
    assert client.get(url + "token-2")[1]["error"]["code"] == 190
    bearer = client.get(url.removesuffix("&access_token="), Authorization="Bearer token-2")
    assert bearer[1]["error"]["code"] == 190


def test_a_feed_that_has_not_changed_says_so_to_either_question(networks):
    """Conditional requests: by the collector's own headers, by tag and by date."""
    sites = (a for a in networks.world.by_network["rss"] if rss.manner(networks.world, a) == "rss")
    account = max(sites, key=lambda one: (one.rate, one.serial))
    job = job_of("rss", "feed", subject_of(networks, account))
    first, parsed = struck(networks, job)
    again = job.model_copy(update={"etag": parsed.etag, "last_modified": parsed.last_modified})
    answer, unchanged = struck(networks, again)
    assert (answer.status, answer.body, unchanged.cause) == (304, b"", "unchanged")
    assert unchanged.etag == parsed.etag
    client = Client(networks)
    modified = first.headers["last-modified"]
    assert client.get(job.subjects[0].handle, If_Modified_Since=modified)[0] == 304
    assert client.get(job.subjects[0].handle, If_None_Match='W/"other"')[0] == 200
    clock = cast("SteppedClock", networks.clock)
    latest = networks.world.latest(account, networks.moment(), 1)
    while networks.world.latest(account, networks.moment(), 1) == latest:
        clock.step_to(clock.now() + timedelta(hours=6))
    assert struck(networks, again)[1].cause == "done"


@pytest.fixture
async def served(world: World) -> AsyncIterator[tuple[Networks, str]]:
    networks = Networks(world, SteppedClock(NOON))
    runner, port = await serve(networks)
    yield networks, f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.mark.parametrize("network", BY_SLUG)
async def test_an_answer_is_late_or_its_connection_closed(served, network):
    networks, base = served
    job = job_on(networks, network)
    request = reader_of(network).request(job, CREDENTIALS.get(network))
    good = answer_to(networks, request, NOON)
    host, _, path = request.url.removeprefix("https://").partition("/")
    headers = dict([*request.headers, *request.secret_headers]) | {"Host": host}
    query = dict([*request.params, *request.secret_params])
    networks.faults.known.append(Fault("slow", millis=60))
    async with aiohttp.ClientSession(base) as session:
        begun = time.monotonic()
        async with session.get(f"/{path}", params=query, headers=headers) as answer:
            assert time.monotonic() - begun >= 0.06
            assert await answer.read() == good.body
        networks.faults.known[:] = [Fault("closed")]
        with pytest.raises(aiohttp.ClientError):
            await session.get(f"/{path}", params=query, headers=headers)


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("503", 503), ("500", 500)])
async def test_a_stream_is_refused(served, kind, status):
    networks, base = served
    networks.faults.known.append(Fault(kind, host="jetstream", seconds=9))
    async with aiohttp.ClientSession(base) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect("/subscribe", headers={"Host": STREAM_HOSTS[0]})
        assert refused.value.status == status
        assert networks.listeners == 0


async def test_a_stream_is_cut_and_taken_up_again_at_its_cursor(served):
    networks, base = served
    host = {"Host": STREAM_HOSTS[1]}
    start = (networks.moment() - 3600) * 1_000_000
    networks.faults.known.append(Fault("closed", host="jetstream"))
    async with aiohttp.ClientSession(base) as session, asyncio.timeout(30):
        async with session.ws_connect(f"/subscribe?cursor={start}", headers=host) as ws:
            first = msgspec.json.decode((await ws.receive()).data)
            while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        networks.faults.known.clear()
        cursor = first["time_us"]
        async with session.ws_connect(f"/subscribe?cursor={cursor}", headers=host) as ws:
            assert msgspec.json.decode((await ws.receive()).data) == first
            assert msgspec.json.decode((await ws.receive()).data)["time_us"] > cursor
