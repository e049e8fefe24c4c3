"""Commands of who is on call: each says what it changed, and ends with 1 where it did not."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from contracts.networks import NETWORKS
from libs.sealing import Seal
from libs.settings import Settings
from services.alerts.delivery.trial import try_channel
from services.api.store import Store
from services.api.store.watches import WatchDraft
from services.cli import COMMANDS, main
from services.collector.checking.egress import OF_ACCOUNTS, destinations

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOOK = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"


def run(*arguments: str, **environment: str) -> Result:
    environment = {"OBSERVATOIRE_INSTALLATION": "simulation", **environment}
    return CliRunner().invoke(main, arguments, env=environment)


@pytest.fixture
def watched(tmp_path: Path) -> tuple[str, list[str]]:
    """The address of a store, and its two watches."""
    url = f"sqlite:///{tmp_path}/state.db"
    store = Store(url, origin="simulation", now=lambda: NOW, seal=Seal(None))
    store.migrate()
    made = [
        store.watches.create(
            WatchDraft.model_validate(
                {"territory": "00101", "name": name, "purpose": "essai", "query": {"any": ("eau",)}}
            ),
            recipients=("mailto:a@essai.example", "mailto:b@essai.example"),
        ).watch
        for name in ("Coupure", "Inondation")
    ]
    store.close()
    return url, made


def test_watches_are_listed_paused_and_resumed_by_name(watched):
    url, (first, second) = watched
    listed = run("watches", "list", DATABASE_URL=url)
    assert "2 watches" in listed.stdout
    assert first in listed.stdout
    assert "a@essai.example" not in listed.stdout
    one = run("watches", "pause", first, DATABASE_URL=url)
    assert (one.exit_code, one.stdout.split()) == (0, [first])
    assert run("watches", "pause", first, DATABASE_URL=url).exit_code == 1
    everything = run("watches", "pause", "--all", DATABASE_URL=url)
    assert (everything.exit_code, everything.stdout.split()) == (0, [second])
    paused = run("watches", "list", "--state", "paused", DATABASE_URL=url).stdout
    assert "2 watches" in paused
    back = run("watches", "resume", first, "unknown", DATABASE_URL=url)
    assert (back.exit_code, back.stdout.split()) == (1, [first])
    assert run("watches", "pause", DATABASE_URL=url).exit_code == 2


@pytest.mark.parametrize(("status", "taken"), [(200, True), (404, False)])
async def test_a_channel_is_tried_and_its_secret_never_shown(status, taken):
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, text="no_service s3cr3tsecret")

    settings = Settings(installation="simulation")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        outcome = await try_channel(settings, HOOK, http)
        nobody = await try_channel(settings, "carrier-pigeon:home", http)
    assert (outcome.why is None) is taken
    assert "s3cr3tsecret" not in f"{outcome}"
    assert b"SIMULATION" in asked[0].content
    assert nobody.why
    assert len(asked) == 1


def test_a_channel_that_refuses_ends_with_1():
    told = run("channels", "test", "carrier-pigeon:home")
    assert told.exit_code == 1
    assert "not delivered" in told.output


def test_a_firewall_is_told_every_host_of_what_is_read():
    settings = Settings(
        installation="live",
        network_tokens={"x": "key"},
        kafka_url="k1:9093,k2:9093",
        database_url="postgresql+psycopg://u:secret@db.example/o",
        channel_urls={"mailto": "smtp://u:secret@relay.example:587"},
    )
    found = destinations(settings, {"mastodon": {"essai.example"}})
    hosts = {(one.who, one.host, one.port) for one in found}
    assert {
        ("all", "k1", 9093), ("all", "k2", 9093), ("api", "db.example", 5432),
        ("alerts", "relay.example", 587), ("alerts", "hooks.slack.com", 443),
        ("collector", "essai.example", 443), ("collector", OF_ACCOUNTS, 443),
    } <= hosts  # fmt: skip
    open_hosts = {
        host for one in NETWORKS if not one.needs_token or one.slug == "x" for host in one.hosts
    }
    closed = {host for one in NETWORKS for host in one.hosts} - open_hosts
    asked = {one.host for one in found}
    assert open_hosts <= asked
    assert not closed & asked
    assert "secret" not in f"{found}"


async def test_a_command_loads_what_it_needs_only():
    """Within a second on a quiet machine: none loads a service, the broker or the store."""
    program = (
        "import sys; from services.cli import main; from click.testing import CliRunner;"
        "r = CliRunner().invoke(main, [sys.argv[1], '--help']); assert not r.exit_code, r.output;"
        "print(sorted({'sqlalchemy', 'aiokafka', 'fastapi', 'clickhouse_connect', 'altair'}"
        " & sys.modules.keys()))"
    )
    light = ("channels", "dead-letters", "doctor", "egress", "grafana", "groups", "watches")
    assert set(light) < COMMANDS.keys()

    async def loaded(noun: str) -> bytes:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, noun, stdout=asyncio.subprocess.PIPE
        )
        return (await child.communicate())[0]

    for noun in light:
        assert await loaded(noun) == b"[]\n", noun
