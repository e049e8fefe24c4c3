"""Secrets that nothing else looks like are planted in a whole line, which works and fails.

Then everything it writes or answers is read: logs, topics, dead letters, snapshots, metrics,
readiness, pages, the journal. None is found, whole, as an URL or as base64 writes it.
"""

import asyncio
import base64
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contracts.topics import ALERTS_RAISED, MENTIONS_OBSERVED, TOPICS, WATCHES
from contracts.watches import Query, Recipient
from deploy.local.supervision.children import Child, free_port
from libs.sealing import Seal
from libs.wire.wire import Wire
from services.api.store.models import ActRow
from tests.alerts.builders import mention, watched
from tests.chaos.line import SERVICES, Line
from tests.chaos.mails import MailServer
from tests.deadlines import until, until_found
from tests.topics import read_records

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(400)]

PLANTED = {
    name: f"plante-{name}-q7Zx/9{number}+w"
    for number, name in enumerate(
        ("smtp", "hook", "hookhost", "engine", "database", "network", "channel", "operator",
         "prometheus", "grafana", "agents-key-of-thirty-two-signs", "wrong-token", "link")
    )
}  # fmt: skip
"""With signs that addresses write otherwise."""

HOOK = "SECRETofAhook7q"
"""A hook's address takes letters and digits alone."""


LOST = Path("logs", "api-more.log")


def written(secret: str) -> set[bytes]:
    """The ways in which a secret may be written."""
    raw = secret.encode()
    return {
        raw,
        quote(secret, safe="").encode(),
        quote(secret).encode(),
        json.dumps(secret)[1:-1].replace("/", "\\/").encode(),
        base64.b64encode(raw).rstrip(b"=")[:-1],
        # Within a longer text, all but its first and last signs.
        base64.b64encode(b"x" + raw)[4:-4],
        base64.b64encode(b"xx" + raw)[4:-4],
    }


def found_in(texts: Iterable[tuple[str, bytes]], secrets: Iterable[str]) -> set[tuple[str, str]]:
    """Which secrets stand where."""
    ways = {secret: written(secret) for secret in secrets}
    return {
        (secret, place)
        for place, text in texts
        for secret, each in ways.items()
        if any(way in text for way in each)
    }


def plant(line: Line) -> None:
    """Give every service secrets for what is there, and for what is not."""
    away = "127.0.0.1:9"

    def at(name: str, url: str) -> str:
        scheme, _, rest = url.partition("://")
        return f"{scheme}://planted:{quote(PLANTED[name], safe='')}@{rest}"

    for name in SERVICES:
        known = line.environments[name]
        known |= {
            "CLICKHOUSE_URL": at("engine", known["CLICKHOUSE_URL"]),
            "SMTP_URL": at("smtp", known["SMTP_URL"]),
            "PROMETHEUS_URL": at("prometheus", f"http://{away}"),
            "GRAFANA_URL": at("grafana", f"http://{away}"),
            "OBSERVATOIRE_CHANNEL_URLS": json.dumps({"slack": at("hookhost", f"http://{away}")}),
            "OBSERVATOIRE_CHANNEL_TOKENS": json.dumps({"matrix": PLANTED["channel"]}),
            "OBSERVATOIRE_NETWORK_TOKENS": json.dumps(
                dict.fromkeys(("youtube", "facebook", "instagram", "bluesky"), PLANTED["network"])
            ),
            "OBSERVATOIRE_OPERATOR_TOKEN": PLANTED["operator"],
            "OBSERVATOIRE_AGENTS_KEY": PLANTED["agents-key-of-thirty-two-signs"],
            "OBSERVATOIRE_LOG_LEVEL": "DEBUG",
        }


@contextmanager
def running(line: Line) -> Iterator[None]:
    """Start the line, and watch over it from a thread: parts belong to who starts them."""
    started, over, failures = threading.Event(), threading.Event(), list[BaseException]()

    def watch() -> None:
        try:
            line.supervisor.start()
            started.set()
            while not over.wait(0.1):
                line.supervisor.watch()
        except BaseException as error:
            failures.append(error)
        finally:
            started.set()
            line.supervisor.stop()

    line.network.start()
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        started.wait()
        if failures:
            raise failures[0]
        yield
    finally:
        over.set()
        watching.join()
        line.network.stop()


async def tell(line: Line) -> None:
    """Have alerts go to a mailbox and to a hook, and fail there."""
    seal = Seal(line.environments["api"]["OBSERVATOIRE_RECIPIENTS_PUBLIC_KEY"])
    addresses = ("mailto:ragondin@essai.example", f"slack://T0ESSAI/B0ONDE/{HOOK}")
    recipients = tuple(Recipient(address=seal.address(one), confirmed=True) for one in addresses)
    query = Query(any=("ragondin",))
    async with Wire(line.kafka_url, "simulation", client_id="planting") as wire:
        await wire.publish(
            WATCHES, watched(watch="w", query=query, cooldown_minutes=0, recipients=recipients)
        )
        for number in range(5):
            said = mention(f"m{number}", f"ragondin {number}", published_at=line.now())
            await wire.publish(MENTIONS_OBSERVED, said)


async def visit(line: Line) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Use the portal, well and badly; what it answered, and the secrets that it gave meanwhile."""
    origin = {"origin": line.portal_url}
    seen: list[tuple[str, bytes]] = []
    async with httpx.AsyncClient(base_url=line.portal_url, timeout=30) as http:

        async def ask(method: str, path: str, **given: Any) -> httpx.Response:
            answer = await http.request(method, path, **given)
            headers = json.dumps(dict(answer.headers)) if "set-cookie" not in answer.headers else ""
            seen.append((f"{method} {path[:40]}", answer.content + headers.encode()))
            return answer

        operator = {"authorization": f"Bearer {PLANTED['operator']}"}
        wrong = {"authorization": f"Bearer {PLANTED['wrong-token']}"}
        for headers in (operator, wrong):
            for path in ("/api/v1/watches", "/exploitation", "/bureau/journal"):
                await ask("GET", path, headers=headers)
        await ask("GET", f"/veilles/confirmer/{quote(PLANTED['link'], safe='')}")
        await ask("GET", f"/entrer/lien/{quote(PLANTED['link'], safe='')}")
        await ask("POST", f"/entrer/lien/{quote(PLANTED['link'], safe='')}", headers=origin)
        await ask("POST", "/entrer", data={"adresse": "a@essai-sur-onde.example"}, headers=origin)
        await ask("POST", "/entrer/comme", data={"qui": "astreinte"}, headers=origin)
        session = http.cookies["session"]
        new = {"territory": "00101", "name": "Eau", "purpose": "a", "query": {"any": ["eau"]}}
        body = {"watch": new, "recipients": [f"slack://T0ESSAI/B0ONDE/{HOOK}"]}
        for sent in (body, body | {"recipients": [f"slack://x/{HOOK}"]}, {"watch": HOOK}):
            await ask("POST", "/api/v1/watches", json=sent, headers=origin)
        for path in ("/veilles", "/mes-sessions", "/mes-jetons", "/exploitation"):
            await ask("GET", path, headers=origin)
        line.network.change("clickhouse", "refuses")
        for path in ("/palmares", "/api/v1/rankings?network=bluesky", "/exploitation"):
            await ask("GET", path, headers=origin)
        line.network.change("clickhouse", "well")
    return seen, [session]


async def told(line: Line) -> list[tuple[str, bytes]]:
    """What every process tells who asks: metrics, readiness."""
    found: list[tuple[str, bytes]] = []
    async with httpx.AsyncClient(timeout=20) as http:
        for name in SERVICES:
            port = line.environments[name]["OBSERVATOIRE_OPS_PORT"]
            for path in ("/metrics", "/readyz"):
                answer = await http.get(f"http://127.0.0.1:{port}{path}")
                found.append((f"{name} {path}", answer.content))
    return found


def kept(line: Line, folder: Path) -> list[tuple[str, bytes]]:
    """What the line wrote to its folder: logs, what its supervisor knows, the journal of acts."""
    files = [*folder.glob("logs/*"), *folder.glob("state*.json")]
    found = [(file.name, file.read_bytes()) for file in files if file.is_file()]
    found.append(("supervisor", "\n".join(line.told.sentences).encode()))
    database = line.environments["api"]["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(database)) as state:
        acts = state.execute(f"SELECT * FROM {ActRow.__tablename__}").fetchall()
    return [*found, ("journal", repr(acts).encode())]


async def in_topics(line: Line) -> list[tuple[str, bytes]]:
    """Every record of every topic, dead letters and snapshots among them."""
    records = await read_records(line.kafka_url, "simulation", *TOPICS)
    return [
        (place.topic, (record.key or b"") + b" " + (record.value or b""))
        for place, record in records
    ]


def astray(line: Line) -> Child:
    """Start a portal whose database is not there."""
    known, url = line.environments["api"], line.environments["api"]["DATABASE_URL"]
    password = quote(PLANTED["database"], safe="")
    known["DATABASE_URL"] = f"postgresql+psycopg://planted:{password}@127.0.0.1:9/state"
    started = line.member("api")
    known["DATABASE_URL"] = url
    return started


async def run(line: Line, folder: Path, port: int) -> None:
    mails = MailServer()
    await mails.start(port)
    lost = astray(line)
    await tell(line)
    seen, given = await visit(line)
    secrets = [*PLANTED.values(), HOOK, *given]
    # Each surely makes somebody unready; where some chunks alone are reset, that is chance.
    for weather in ("refuses", "stalls"):
        for place in ("clickhouse", "mail", "world"):
            line.network.change(place, weather)
        await until_found(lambda: failing(line), seconds=120)
        seen += await told(line)
        for place in ("clickhouse", "mail", "world"):
            line.network.change(place, "well")

    async def tried() -> bool:
        """Whether both channels were tried: the line of each is in a log."""
        log = (folder / "logs" / "alerts.log").read_text()
        return "mailto" in log and "slack" in log

    await until_found(tried, seconds=60)
    await until(lambda: not lost.alive() or b"Operational" in (folder / LOST).read_bytes(), 40)
    lost.kill()
    seen += await told(line) + await in_topics(line) + kept(line, folder)
    mails.stop()
    read = {place for place, _ in seen}
    assert {WATCHES.on("simulation"), LOST.name, "alerts.log", "collector /metrics"} <= read
    # What is no secret is found there: it is looked for where things are written.
    places = {place for _, place in found_in(seen, ["ragondin"])}
    assert {MENTIONS_OBSERVED.on("simulation"), ALERTS_RAISED.on("simulation")} <= places
    assert found_in(seen, secrets) == set()
    assert [place for place, text in seen if b"internal error" in text] == []


async def failing(line: Line) -> bool:
    """Whether somebody says that something is away."""
    return not all([await line.ready(name) for name in ("api", "scorer")])


def test_no_secret_is_written_or_said_anywhere(tmp_path):
    port = free_port()
    line = Line(tmp_path, port)
    plant(line)
    with running(line):
        asyncio.run(run(line, tmp_path, port))


@pytest.mark.parametrize("secret", [PLANTED["smtp"], HOOK])
def test_a_secret_is_found_however_it_is_written(secret):
    raw = secret.encode()
    texts = [raw, quote(secret).encode(), quote(secret, safe="").encode()]
    texts += [base64.b64encode(before + raw + b"c") for before in (b"", b"a", b"ab", b"abc")]
    for text in [*texts, json.dumps({"a": secret}).encode()]:
        assert found_in([("here", b"before " + text + b" after")], [secret]) == {(secret, "here")}
