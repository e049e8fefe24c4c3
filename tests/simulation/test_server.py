"""The fictional networks over real HTTP: hosts on one port, streams, faults of the connection."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from click.testing import CliRunner

from libs.clock import SteppedClock
from simulation.commands import world as commands
from simulation.country.world import World
from simulation.networks.bluesky import STREAM_HOSTS
from simulation.serving.platforms import Networks
from simulation.serving.server import serve
from tests.suites.closed import FOREIGN, status

NOW = datetime(2026, 10, 13, 10, 0, tzinfo=UTC)
PROFILE = "/xrpc/app.bsky.actor.getProfile?actor=essaisuronde.example"
APPVIEW = {"Host": "public.api.bsky.app"}


@pytest.fixture
async def base(world: World) -> AsyncIterator[str]:
    runner, port = await serve(Networks(world, SteppedClock(NOW)))
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize(("verb", "name"), [("POST", "crises"), ("DELETE", "faults")])
async def test_a_page_of_another_site_changes_nothing(base, headers, verb, name):
    asked = asyncio.to_thread(status, base, verb, f"/__world__/{name}", headers, b"{}")
    assert await asked == 403


async def test_the_host_header_says_which_network(base):
    async with aiohttp.ClientSession(base) as session:
        async with session.get(PROFILE, headers=APPVIEW) as answer:
            assert (await answer.json())["handle"] == "essaisuronde.example"
            assert answer.headers["X-Simulation"] == "la France d'essai"
            assert answer.headers["RateLimit-Policy"] == "3000;w=300"
        site = {"Host": "www.essaisuronde.example"}
        async with session.get("/actualites/feed", headers=site) as answer:
            assert answer.content_type == "application/rss+xml"
            tag = answer.headers["ETag"]
        async with session.get("/actualites/feed", headers=site | {"If-None-Match": tag}) as answer:
            assert answer.status == 304
            assert await answer.read() == b""
        async with session.get("/__world__/ledger") as answer:
            assert (await answer.json())["buckets"]["bluesky appview"]["asked"] == 1


async def test_a_browser_is_given_a_page_and_a_program_its_json(base):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with aiohttp.ClientSession(base) as session:
        async with session.get("/__world__/", headers=browser) as answer:
            page = await answer.text()
            assert answer.content_type == "text/html"
        assert '<html lang="fr">' in page
        assert "SIMULATION" in page
        assert base in page
        assert not re.search(r"\w [;!?»](?=[\s<])|« ", page)
        links = re.findall(r'<a href="([^"]+)"', page)
        assert {"ledger", "crises", "faults"} <= set(links)
        for link in links:
            async with session.get(f"/__world__/{link}", headers=browser) as answer:
                assert (answer.status, answer.content_type) == (200, "application/json")
        async with session.get("/__world__/") as answer:
            assert "territories" in await answer.json()


async def test_the_stream_follows_the_clock(base):
    host = {"Host": STREAM_HOSTS[0]}
    async with (
        aiohttp.ClientSession(base) as session,
        session.ws_connect("/subscribe?wantedCollections=app.bsky.feed.post", headers=host) as ws,
    ):
        await session.post("/__world__/mentions", json={"text": "Panne à Port-Mirage", "delay": 3})
        await session.post("/__world__/clock", json={"seconds": 10})
        async with asyncio.timeout(30):
            while True:
                event = json.loads((await ws.receive()).data)
                assert event["time_us"] >= NOW.timestamp() * 1_000_000
                if event["commit"].get("record", {}).get("text") == "Panne à Port-Mirage":
                    break
        await ws.send_json({"type": "options_update", "payload": {"wantedCollections": ["a.b"]}})
        await ws.send_str("not a message")
        async with session.get("/__world__/status") as answer:
            assert (await answer.json())["streams"] == 1


async def test_a_closed_connection_and_a_refused_control(base):
    async with aiohttp.ClientSession(base) as session:
        await session.post("/__world__/faults", json={"kind": "closed", "host": "bsky"})
        with pytest.raises(aiohttp.ClientError):
            await session.get(PROFILE, headers=APPVIEW)
        await session.delete("/__world__/faults")
        async with session.get(PROFILE, headers=APPVIEW) as answer:
            assert answer.status == 200
        async with session.post("/__world__/clock", json={"to": "yesterday"}) as answer:
            assert answer.status == 400


def test_commands_say_what_they_do(tmp_path):
    told = CliRunner().invoke(commands, ["export", "--territories", "50", str(tmp_path)])
    assert told.exit_code == 0
    assert told.output.startswith("50 territoires, ")
    refused = CliRunner().invoke(commands, ["export", "--territories", "50"])
    assert refused.exit_code == 2
    assert "name a folder" in refused.output
