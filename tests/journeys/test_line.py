"""The whole line as a person meets it: from the portal's form to a mailbox, once.

`observatoire demo up` runs every process of the line on the session's broker and engine; a watch
is made on the portal, confirmed from its mail, and a fictional account publishes a mention: one
mail and one Slack message, and a replay of the topics sends nothing more ("must show", 4). Killed
processes come back and lose nothing ("must show", 5).
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.topics import ACCOUNTS_OBSERVED
from deploy.local.supervision.children import free_port
from libs.wire.wire import Wire
from tests.deadlines import until_now
from tests.events import account_observed

pytestmark = [pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(300)]

OBSERVATOIRE = str(Path(sys.executable).with_name("observatoire"))
MAIL = "mailto:astreinte@essai-sur-onde.example"
AGENT = "anne@essai-sur-onde.example"
SLACK = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"


@dataclass(frozen=True, slots=True)
class Line:
    """Addresses of a running demonstration, and what is asked of it."""

    folder: Path
    portal: httpx.Client
    mails: httpx.Client
    world: httpx.Client
    environment: dict[str, str]

    def observatoire(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this demonstration."""
        command = [OBSERVATOIRE, *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def status(self) -> dict[str, Any]:
        """Return each part's address and health."""
        answer = self.observatoire("demo", "status", "--folder", str(self.folder), "--json")
        return json.loads(answer.stdout)

    def part(self, name: str) -> dict[str, Any]:
        """Return one part's status."""
        return next(part for part in self.status()["parts"] if part["name"] == name)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages that the catchers hold, newest first: `mail` or `slack`."""
        return self.mails.get("/messages", params={"kind": kind}).json()


@pytest.fixture(scope="module")
def line(
    kafka_url: str, clickhouse_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("line")
    portal, mails = free_port(), free_port()
    environment = {**os.environ, "KAFKA_URL": kafka_url, "CLICKHOUSE_URL": clickhouse_url}
    up = [OBSERVATOIRE, "demo", "up", "--detach", "--folder", str(folder), "--territories", "100"]
    up += ["--api-port", str(portal), "--catchers-port", str(mails)]
    started = subprocess.run(up, env=environment, capture_output=True, text=True)
    down = [OBSERVATOIRE, "demo", "down", "--folder", str(folder)]
    try:
        assert "Prêt en" in started.stdout, started.stdout + started.stderr
        state = json.loads((folder / "state.json").read_text())
        with (
            httpx.Client(base_url=f"http://127.0.0.1:{portal}", timeout=20) as pages,
            httpx.Client(base_url=f"http://127.0.0.1:{mails}", timeout=20) as messages,
            httpx.Client(
                base_url=f"http://127.0.0.1:{state['parts']['world']['port']}", timeout=20
            ) as world,
        ):
            pages.headers["origin"] = str(pages.base_url).rstrip("/")
            pages.post("/entrer/comme", data={"qui": "astreinte"})
            yield Line(folder, pages, messages, world, environment)
    finally:
        subprocess.run(down, env=environment, check=False, capture_output=True)


def territory(line: Line, name: str) -> dict[str, Any]:
    found = line.portal.get("/api/v1/territories", params={"q": name}).json()
    return next(one for one in found if one["name"] == name)


def test_the_page_of_a_town_says_where_it_stands(line):
    town = territory(line, "Essai-sur-Onde")
    page = line.portal.get(f"/territoires/{town['code']}")
    assert page.status_code == 200
    assert page.headers["x-observatoire-origine"] == "simulation"
    assert "Essai-sur-Onde" in page.text
    # The portal looks for published months every ten seconds: October was computed just now.
    until_now(lambda: "octobre" in line.portal.get(page.url.path).text.lower(), 20)


def test_a_real_town_has_facts_only(line):
    page = line.portal.get("/territoires/62498")
    assert page.status_code == 200
    assert "Lens" in page.text
    assert "aucune dans cette démonstration" in page.text
    assert "abonnés" not in page.text.split("</main>")[0].split("<main", 1)[1]


def test_an_agent_enters_by_a_link_that_is_mailed(line):
    """From the form through the topic to the mailbox, then her town's page and its watches."""
    here = str(line.portal.base_url).rstrip("/")
    with httpx.Client(base_url=here, timeout=20, headers={"origin": here}) as agent:
        assert agent.get("/veilles").status_code == 303
        agent.post("/entrer", data={"adresse": AGENT}).raise_for_status()

        def link() -> str | None:
            mails = [one for one in line.told("mail") if AGENT in json.dumps(one)]
            found = re.findall(r"/entrer/lien/[\w-]+", json.dumps(mails))
            return found[0] if found else None

        until_now(link, 60)
        assert "<button" in agent.get(link()).text, "scanners follow links: a button, by POST"
        entered = agent.post(link())
        town = territory(line, "Essai-sur-Onde")["code"]
        assert entered.headers["location"] == f"/territoires/{town}"
        assert agent.get("/veilles").status_code == 200


def make_watch(line: Line, code: str) -> str:
    made = line.portal.post(
        "/veilles/nouvelle",
        data={
            "territory": code, "name": "Piscine", "purpose": "Information des habitants",
            "any": "piscine municipale", "recipients": f"{MAIL}\n{SLACK}", "mode": "each",
            # Nobody has said it yet: « Rien trouvé en 29 jours » was read.
            "cooldown": "0", "muette": "1",
        },
    )  # fmt: skip
    assert made.status_code == 303, made.text
    return made.headers["location"].split("?")[0].rsplit("/", 1)[1]


def confirm(line: Line, watch: str) -> None:
    """Accept on behalf of every recipient of a watch, as the links they are sent ask."""
    accepted: set[str] = set()

    def confirmed() -> bool:
        texts = " ".join(json.dumps(m) for m in line.told("mail") + line.told("slack"))
        for link in set(re.findall(r"/veilles/confirmer/[\w-]+", texts)) - accepted:
            asked = line.portal.get(link)
            if asked.status_code == 200:
                assert "<button" in asked.text, "scanners follow links: a button, by POST"
                line.portal.post(link)
            accepted.add(link)
        told = line.portal.get(f"/api/v1/watches/{watch}").json()
        return all(recipient["confirmed"] for recipient in told["recipients"])

    until_now(confirmed, 60)


@pytest.fixture(scope="module")
def watch(line: Line) -> str:
    made = make_watch(line, territory(line, "Essai-sur-Onde")["code"])
    confirm(line, made)
    return made


def about(messages: list[dict[str, Any]], word: str) -> list[dict[str, Any]]:
    return [m for m in messages if word in json.dumps(m, ensure_ascii=False)]


def publish(line: Line, text: str) -> None:
    answer = line.world.post("/__world__/mentions", json={"text": text, "network": "bluesky"})
    assert answer.status_code == 200, answer.text


def test_a_mention_is_told_once_by_mail_and_slack(line, watch):
    publish(line, "La piscine municipale d’Essai-sur-Onde est fermée, tourniquet-unique-1")
    until_now(lambda: about(line.told("mail"), "tourniquet-unique-1") != [], 60)
    until_now(lambda: about(line.told("slack"), "tourniquet-unique-1") != [], 60)
    (mail,) = about(line.told("mail"), "tourniquet-unique-1")
    assert mail["subject"].startswith("[SIMULATION]")
    assert len(about(line.told("slack"), "tourniquet-unique-1")) == 1
    shown = line.portal.get(f"/veilles/{watch}").text
    assert "piscine municipale" in shown


@pytest.mark.proof
def test_killed_services_come_back_and_nothing_is_told_twice_or_lost(line, watch):
    for number, name in enumerate(("collector", "alerts", "scorer"), start=2):
        pid = line.part(name)["pid"]
        os.kill(pid, signal.SIGKILL)
        word = f"tourniquet-unique-{number}"
        publish(line, f"La piscine municipale rouvre lundi, {word}")
        until_now(lambda word=word: about(line.told("mail"), word) != [], 90)
        until_now(lambda word=word: about(line.told("slack"), word) != [], 90)
        assert line.part(name)["pid"] != pid
    for number in range(2, 5):
        for kind in ("mail", "slack"):
            messages = about(line.told(kind), f"tourniquet-unique-{number}")
            assert len({m["message_id"] or json.dumps(m["payload"]) for m in messages}) == 1


def ops(line: Line) -> str:
    """Return the words of the page of operations."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line.portal.get("/exploitation").text))


def observe(line: Line, times: int) -> None:
    """Publish so many observations of an account of Essai-sur-Onde, made now."""
    town = territory(line, "Essai-sur-Onde")["code"]
    account = line.portal.get(f"/api/v1/territories/{town}").json()["accounts"][0]
    now = datetime.fromisoformat((line.folder / "clock").read_text())
    slots = [now.astimezone(UTC) + timedelta(seconds=number) for number in range(times)]

    known = {name: account[name] for name in ("network", "handle", "followers")}

    async def publish_all() -> None:
        wire = Wire(line.environment["KAFKA_URL"], "simulation")
        await wire.start()
        await wire.publish_all(
            ACCOUNTS_OBSERVED,
            [account_observed(account["account"], slot, **known) for slot in slots],
        )
        await wire.stop()

    asyncio.run(publish_all())


@pytest.mark.proof
def test_a_visitor_stops_the_scorer_and_sees_it_catch_up(line):
    """By the buttons of the page of operations: the lag rises, falls, and nothing was lost."""
    assert line.portal.post("/exploitation/arreter").status_code == 303
    until_now(lambda: line.part("scorer")["health"] == "paused", 30)
    observe(line, 40)
    until_now(lambda: re.search(r"\d\d relevés attendent", ops(line)) is not None, 90)
    until_now(lambda: "La mesure est arrêtée" in ops(line), 60)
    line.portal.post("/exploitation/relancer")
    until_now(lambda: "Elle a tout rattrapé" in ops(line), 90)
    found = re.search(r"(\d+) relevés de ce moment-là sont enregistrés", ops(line))
    assert found is not None
    assert int(found[1]) >= 40
    assert "0 perdu, 0 en double" in ops(line)
    assert "Mesures et scores : " not in (line.folder / "supervisor.log").read_text()


def test_what_the_collector_reads_reaches_the_api(line):
    """Outcomes of jobs done over HTTP since the start, not only the written history.

    Last in the file: the first jobs of a town fall due a minute after the start.
    """
    code = territory(line, "Essai-sur-Onde")["code"]
    accounts = line.portal.get(f"/api/v1/territories/{code}").json()["accounts"]
    assert accounts

    def collected() -> bool:
        return any(
            outcome["cause"] == "done"
            for account in accounts
            for outcome in line.portal.get(f"/api/v1/accounts/{account['account']}").json()[
                "outcomes"
            ]
        )

    until_now(collected, 90)
