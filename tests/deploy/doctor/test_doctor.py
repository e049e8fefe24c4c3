"""The doctor names each fault: those of broker and engine on real ones."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import httpx
import pytest
from click.testing import CliRunner

from contracts.channels import CHANNELS
from contracts.event import Event
from contracts.territories import Territories
from contracts.topics import ACCOUNTS_OBSERVED, COLLECT_OUTCOMES, TOPICS
from contracts.watches import Query
from deploy.doctor.broker import look_at_broker
from deploy.doctor.engine import look_at_engine
from deploy.doctor.finding import Fault, Finding, fault
from deploy.doctor.looking import look
from deploy.doctor.outside import look_at_hooks, look_at_mail
from deploy.doctor.state import look_at_state
from deploy.local.supervision.children import free_port
from libs.engine.client import connect
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.api.store import Store
from services.api.store.watches import WatchDraft
from services.cli import main
from tests.api.world import NOW, communes
from tests.events import account_observed, account_registered, golden
from tests.listener import listener
from tests.scorer.months import store
from tests.tables import create_tables


def faults(findings: list[Finding]) -> list[str]:
    return [one.fault for one in findings if one.fault]


def test_each_fault_is_on_its_page_and_met_by_a_test():
    page = Path("docs/doctor.md").read_text()
    elsewhere = ("tests/api/store/test_doctor.py", "tests/libs/wire/test_secure.py")
    here = Path(__file__).read_text() + "".join(Path(one).read_text() for one in elsewhere)
    assert [name for name in get_args(Fault) if f"`{name}`" not in page] == []
    assert [name for name in get_args(Fault) if f'"{name}"' not in here] == []


def test_a_database_that_does_not_answer_is_told_without_its_password():
    nobody = f"postgresql+psycopg://o:hunter2@127.0.0.1:{free_port()}/observatoire"
    (found,) = look_at_state(settings(database_url=nobody))
    assert found.fault == "database-away"
    assert "hunter2" not in found.says


def settings(**given: object) -> Settings:
    return Settings.model_validate({"installation": "simulation", **given})


@pytest.fixture(scope="module")
def whole(kafka_url: str) -> str:
    """The name before the topics of a broker that has all of them."""
    asyncio.run(create_topics(kafka_url, "doctor-whole"))
    return "doctor-whole"


@pytest.mark.broker
class TestBroker:
    async def test_a_broker_with_all_its_topics_is_well_while_they_are_read(self, kafka_url, whole):
        given = settings(kafka_url=kafka_url, topic_namespace=whole)
        assert faults(await look_at_broker(given)) == []
        async with Wire(kafka_url, "simulation", namespace=whole) as wire:
            await wire.publish(ACCOUNTS_OBSERVED, account_observed())
        (found,) = [one for one in await look_at_broker(given) if one.fault]
        assert found.fault == "unread-topic"
        assert ACCOUNTS_OBSERVED.name in found.says

    async def test_a_missing_topic_is_named(self, kafka_url):
        await create_topics(kafka_url, "doctor-missing", TOPICS[1:])
        given = settings(kafka_url=kafka_url, topic_namespace="doctor-missing")
        (found,) = await look_at_broker(given)
        assert found.fault == "missing-topic"
        assert TOPICS[0].name in found.says

    async def test_too_few_copies_are_told(self, kafka_url, whole):
        given = settings(kafka_url=kafka_url, topic_namespace=whole)
        assert "few-replicas" in faults(await look_at_broker(given, replicas=3))

    async def test_the_broker_of_another_installation_is_told(self, kafka_url):
        await create_topics(kafka_url, "simulation", TOPICS[:1])
        given = settings(installation="live", kafka_url=kafka_url)
        assert faults(await look_at_broker(given)) == ["wrong-installation"]

    async def test_a_broker_that_is_away_is_told(self):
        found = await look_at_broker(settings(kafka_url=f"127.0.0.1:{free_port()}"))
        assert faults(found) == ["broker-away"]


@pytest.fixture(scope="module")
def migrated(clickhouse_url: str, database: str) -> tuple[str, str]:
    asyncio.run(create_tables(clickhouse_url, database, Territories(communes(), [])))
    return clickhouse_url, database


async def stored(place: tuple[str, str], *events: Event) -> None:
    engine = await connect(*place)
    await store(engine, *events)
    await engine.close()


@pytest.mark.engine
class TestEngine:
    async def test_an_empty_registry_then_spent_quotas_and_expired_tokens(self, migrated):
        given = settings(clickhouse_url=migrated[0], database_name=migrated[1])
        assert faults(await look_at_engine(given)) == ["empty-registry"]
        await stored(migrated, account_registered())
        assert faults(await look_at_engine(given)) == []
        ended = next(one for one in golden(COLLECT_OUTCOMES) if one.cause == "rate_limited")
        spent = ended.model_copy(update={"network": "youtube"})
        expired = ended.model_copy(
            update={"network": "instagram", "cause": "credential", "event_id": "expired"}
        )
        await stored(migrated, spent, expired)
        found = {one.part: one.fault for one in await look_at_engine(given) if one.fault}
        assert found == {"youtube": "quota-zero", "instagram": "expired-token"}

    async def test_a_clock_that_is_off_and_a_disk_that_is_nearly_full(self, migrated):
        given = settings(clickhouse_url=migrated[0], database_name=migrated[1])
        late = datetime.now(UTC) - timedelta(seconds=30)
        found = await look_at_engine(given, now=lambda: late, disk_free_ratio=1.01)
        assert {"clock-off", "disk-nearly-full"} <= set(faults(found))

    @pytest.mark.parametrize(("number", "name"), [(3, "old-schema"), (9_999, "newer-schema")])
    async def test_a_schema_of_another_version_is_told(
        self, clickhouse_url, database, number, name
    ):
        own = f"{database}_{number}"
        engine = await connect(clickhouse_url)
        await engine.command(f"CREATE DATABASE {own}")
        await engine.command(
            f"CREATE TABLE {own}.migrations ENGINE = Memory AS SELECT toUInt32({number}) AS number"
        )
        await engine.close()
        given = settings(clickhouse_url=clickhouse_url, database_name=own)
        assert faults(await look_at_engine(given)) == [name]

    async def test_a_database_that_nobody_made_is_told(self, clickhouse_url):
        other = settings(clickhouse_url=clickhouse_url, database_name="nobody_made_it")
        told = faults(await look_at_engine(other))
        # Beside the database of an installation, as another test makes, it is taken for that one.
        assert told in (["engine-database"], ["wrong-installation"])

    async def test_the_engine_of_another_installation_is_told(self, clickhouse_url, migrated):
        engine = await connect(clickhouse_url)
        await engine.command("CREATE DATABASE IF NOT EXISTS observatoire_simulation")
        await engine.close()
        live = settings(installation="live", clickhouse_url=clickhouse_url)
        assert "wrong-installation" in faults(await look_at_engine(live))
        await stored(migrated, account_registered("made-up"))
        mixed = settings(installation="live", clickhouse_url=migrated[0], database_name=migrated[1])
        assert "wrong-installation" in faults(await look_at_engine(mixed))


@asynccontextmanager
async def saying(*lines: bytes) -> AsyncGenerator[int]:
    """A server that says a line when asked to, whatever it is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            writer.write(line)
            await writer.drain()
            await reader.readline()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_password_that_the_engine_refuses_is_named_and_not_shown():
    """The words of ClickHouse 26 (chDB has no users)."""
    body = b"Code: 516. DB::Exception: observatoire: Authentication failed: password is incorrect"
    answer = b"HTTP/1.1 403 Forbidden\r\nX-ClickHouse-Exception-Code: 516\r\n"
    answer += b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://observatoire:hunter2@127.0.0.1:{port}"
        (found,) = await look_at_engine(settings(clickhouse_url=url))
    assert found.fault == "engine-password"
    assert "hunter2" not in f"{found}"


def test_no_address_in_a_finding_has_its_password():
    told = fault("engine-away", "x", "http://observatoire:hunter2@h:8123 ne répond pas", "")
    assert "hunter2" not in told.says


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ((b"554 not you\r\n",), "smtp-refuses"),
        ((b"220 hello\r\n", b"250 hello\r\n", b"550 this sender may not\r\n"), "smtp-refuses"),
        ((b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"221 bye\r\n"), None),
    ],
)
async def test_a_relay_that_refuses_is_told(lines, name):
    async with saying(*lines) as port:
        given = settings(channel_urls={"mailto": f"smtp://127.0.0.1:{port}"})
        (found,) = await look_at_mail(given)
    assert found.fault == name


async def test_a_process_is_asked_of_what_it_knows_alone():
    """As a courier of a cluster, who is told of no database and no engine."""
    found = await look(Settings(installation="live"), parts=("mail",))
    assert [one.fault for one in found] == ["no-smtp"]


async def test_no_relay_and_one_that_is_away_are_told(monkeypatch):
    for channel in CHANNELS:
        monkeypatch.delenv(channel.setting, raising=False)
    assert faults(await look_at_mail(settings())) == ["no-smtp"]
    away = settings(channel_urls={"mailto": f"smtp://127.0.0.1:{free_port()}"})
    assert faults(await look_at_mail(away)) == ["smtp-away"]


HOOK = "slack://T000/B000/hunter2"


def with_hooks(folder: Path, *hooks: str, **given: object) -> Settings:
    """The settings of an installation with a watch that is told on Slack."""
    installed = settings(database_url=f"sqlite:///{folder}/state.db", **given)
    state = Store(installed.database_url, origin="simulation", now=lambda: NOW)
    state.migrate()
    draft = WatchDraft(
        territory="00101", name="Eau", purpose="astreinte", query=Query(any=("eau",))
    )
    state.watches.create(draft, hooks)
    state.close()
    return installed


@pytest.mark.parametrize(("status", "name"), [(404, "dead-hook"), (403, "dead-hook"), (400, None)])
async def test_a_hook_that_is_revoked_is_told(tmp_path: Path, status, name):
    given = with_hooks(tmp_path, HOOK)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        (found,) = await look_at_hooks(given, http)
    assert asked == ["/services/T000/B000/hunter2"]
    assert found.fault == name
    assert "hunter2" not in f"{found}"


async def test_a_host_that_is_away_leaves_the_other_hooks_looked_at(tmp_path: Path):
    def answer(request: httpx.Request) -> httpx.Response:
        if "B000" in request.url.path:
            raise httpx.ConnectError("away")
        return httpx.Response(404)

    given = with_hooks(tmp_path, HOOK, "slack://T000/B001/hunter2", "slack://T000/B002/hunter2")
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        found = {one.fault: one.says for one in await look_at_hooks(given, http)}
    assert found.keys() == {"dead-hook", "hook-away"}
    assert "2" in found["dead-hook"]
    assert "ConnectError" in found["hook-away"]


async def test_behind_a_proxy_hooks_are_asked_through_it(tmp_path: Path):
    async with listener() as proxy:
        await look_at_hooks(with_hooks(tmp_path, HOOK, https_proxy=proxy.url))
    assert [line.split()[:2] for line in proxy.asked] == [["CONNECT", "hooks.slack.com:443"]]


async def test_a_live_installation_lacks_what_it_is_not_told(tmp_path):
    given = settings(installation="live", database_url=f"sqlite:///{tmp_path}/none.db")
    found = await look(given.model_copy(update={"kafka_url": "127.0.0.1:9"}))
    assert "missing-setting" in faults(found)
    assert "wrong-database" in faults(found)
    assert not (tmp_path / "none.db").exists()


def test_the_command_says_it_in_text_for_a_ticket(tmp_path, monkeypatch):
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "simulation")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    monkeypatch.setenv("KAFKA_URL", "127.0.0.1:9")
    monkeypatch.setenv("CLICKHOUSE_URL", "http://u:hunter2@127.0.0.1:9")
    said = CliRunner().invoke(main, ["doctor", "--texte"])
    assert said.exit_code == 1
    for name in ("[wrong-database]", "[broker-away]", "[engine-away]", "[no-smtp]"):
        assert name in said.output
    assert "simulation" in said.output.splitlines()[0]
    assert "hunter2" not in said.output
