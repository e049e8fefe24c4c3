"""kill -9 of the whole service, again and again while events come and grow: nothing is missing.

Each event is told once and updated once to one person, whom three watches of it tell: its first
text (one watch), then seven more at once (two watches), of which the second brings nothing new.
So a kill falls into matching, deciding, what is held for an update, an acceptance, or its log.

`OBSERVATOIRE_TEST_KILLS=100 .venv/bin/pytest tests/alerts/test_killed.py -m proof -rP` takes some
minutes; the ledger is in the log of the test.
"""

import asyncio
import json
import logging
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from contracts.alerts import AlertDelivered, AlertRaised
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, MENTIONS_OBSERVED, WATCHES
from contracts.watches import Query, Recipient, Watched
from deploy.local.supervision.children import free_port
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.alerts.builders import mention, watched
from tests.conftest import Catchers
from tests.deadlines import until, until_found
from tests.topics import read_whole

log_ledger = logging.getLogger(__name__)

NAMESPACE = "test-alerts-killed"
KILLS = int(os.environ.get("OBSERVATOIRE_TEST_KILLS", "20"))
pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.timeout(60 + 30 * KILLS)]
EVENTS = 6 * KILLS
"""More than there is time for."""
GROWS = 7
"""Texts by which an event of one is told again at once (`REMINDERS.crisis`)."""
ADDRESS = "mailto:astreinte@essai.example"
COMMAND = [sys.executable, "-c", "from services.cli import main; main()"]
COMMAND += ["alerts", "run", "--session-timeout-ms", "1500"]


@pytest.fixture
def environment(kafka_url: str, catchers: Catchers) -> dict[str, str]:
    return {
        **os.environ,
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "KAFKA_URL": kafka_url,
        "OBSERVATOIRE_CHANNEL_URLS": json.dumps(catchers.channel_urls),
        "OBSERVATOIRE_TOPIC_NAMESPACE": NAMESPACE,
        "OBSERVATOIRE_OPS_PORT": str(free_port()),
    }


@asynccontextmanager
async def running(
    environment: dict[str, str], log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the service in a process of its own; yields when it says it is ready."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(*COMMAND, env=environment, stderr=output)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


async def ready(environment: dict[str, str], process: asyncio.subprocess.Process) -> None:
    url = f"http://127.0.0.1:{environment['OBSERVATOIRE_OPS_PORT']}/readyz"
    async with httpx.AsyncClient() as http:

        async def answers() -> bool:
            assert process.returncode is None
            with suppress(httpx.HTTPError):
                return (await http.get(url)).status_code == 200
            return False

        await until_found(answers, seconds=40)


def watches_of(event: int) -> list[Watched]:
    """Return those that tell of an event: one of its first text, two of all others."""
    return [
        watched(
            watch=f"{name}{event}",
            query=Query(any=("coupure d’eau",), all=(f"ville{event}", f"{word}{event}")),
            cooldown_minutes=0,
            recipients=(Recipient(address=ADDRESS, confirmed=True),),
        )
        for name, word in (("first", "premier"), ("rest", "suite"), ("again", "suite"))
    ]


def texts_of(event: int) -> list[str]:
    """Return the first text of an event, then those by which it grows."""
    said = f"Coupure d’eau à ville{event}"
    rest = (f"{said}, suite{event}, appel de la rue {number}" for number in range(GROWS))
    return [f"{said}, premier{event} appel", *rest]


class Ledger:
    """What was published, accepted, raised and logged."""

    def __init__(self, kafka_url: str, catchers: Catchers) -> None:
        self._kafka_url = kafka_url
        self._catchers = catchers
        self.events = 0

    @property
    def mails(self) -> dict[str, list[datetime]]:
        """When each mail was accepted, by its Message-ID."""
        copies: dict[str, list[datetime]] = {}
        for mail in self._catchers.messages("mail"):
            copies.setdefault(mail["message_id"], []).append(datetime.fromisoformat(mail["at"]))
        return copies

    def told_first(self, event: int) -> bool:
        """Tell whether the first text of an event is in the mailbox."""
        return any(f"premier{event} " in mail["text"] for mail in self._catchers.messages("mail"))

    async def raised(self) -> dict[str, AlertRaised]:
        """Return the alerts, each once, by id."""
        found = await read_whole(self._kafka_url, NAMESPACE, ALERTS_RAISED)
        return {alert.alert: alert for alert in found}

    async def logged(self) -> list[AlertDelivered]:
        return await read_whole(self._kafka_url, NAMESPACE, ALERTS_DELIVERED)

    async def settled(self) -> bool:
        """Tell whether every text was raised by each of its watches, and every alert is logged."""
        alerts = await self.raised()
        raised = sum(alert.total for alert in alerts.values())
        logged = {line.alert for line in await self.logged() if line.channel == "mailto"}
        return raised >= self.events * (1 + 2 * GROWS) and alerts.keys() <= logged


async def talk(wire: Wire, ledger: Ledger, finished: asyncio.Event) -> None:
    """Let one event after the other happen: it grows once its beginning was told."""
    for event in range(EVENTS):
        if finished.is_set():
            return
        first, *rest = (
            mention(f"{event}-{number}", text, published_at=datetime.now(UTC))
            for number, text in enumerate(texts_of(event))
        )
        await wire.publish(MENTIONS_OBSERVED, first)
        await until(lambda event=event: ledger.told_first(event), 60)
        await wire.publish_all(MENTIONS_OBSERVED, rest)
        ledger.events += 1


async def test_nothing_is_missing_and_repeats_do_not_exceed_kills(
    kafka_url, catchers, environment, tmp_path
):
    await create_topics(kafka_url, NAMESPACE)
    wire = Wire(kafka_url, "simulation", namespace=NAMESPACE)
    await wire.start()
    await wire.publish_all(WATCHES, [one for e in range(EVENTS) for one in watches_of(e)])
    ledger, finished = Ledger(kafka_url, catchers), asyncio.Event()
    talking = asyncio.create_task(talk(wire, ledger, finished))
    chance, kills, starts = random.Random(20261124), list[datetime](), list[datetime]()
    for _ in range(KILLS):
        async with running(environment, tmp_path / "alerts.log") as process:
            await ready(environment, process)
            starts.append(datetime.now(UTC))
            wanted = len(catchers.messages()) + chance.randint(0, 4)
            await until(lambda wanted=wanted: len(catchers.messages()) >= wanted, 60)
            with suppress(TimeoutError):
                await asyncio.wait_for(finished.wait(), chance.uniform(0, 0.3))
            kills.append(datetime.now(UTC))
            process.kill()
            await process.wait()
    finished.set()
    async with running(environment, tmp_path / "alerts.log") as process:
        await ready(environment, process)
        starts.append(datetime.now(UTC))
        await talking
        await until_found(ledger.settled, seconds=60)
    await wire.stop()

    alerts, log, mails = await ledger.raised(), await ledger.logged(), ledger.mails
    # Each watch raised each of its texts once.
    by_watch = Counter(
        (alert.watch, e.subject) for alert in alerts.values() for e in alert.evidence
    )
    assert set(by_watch.values()) == {1}
    assert len(by_watch) == ledger.events * (1 + 2 * GROWS)
    # Each text is in a message that was accepted: what is merged brought none that was not.
    assert {line.outcome for line in log} <= {"delivered", "silent"}
    told = [line for line in log if line.outcome == "delivered"]
    assert {line.message_id for line in told} == mails.keys()
    subjects = {e.subject for line in told for e in alerts[line.alert].evidence}
    assert subjects == {e.subject for alert in alerts.values() for e in alert.evidence}
    # A repeat has the same Message-ID, and a kill of its own between the first acceptance and the
    # log; a kill ends when the next process is up.
    logged_at = {line.message_id: line.delivered_at for line in told}
    for message_id, accepted in mails.items():
        inside = [
            kill
            for kill, restart in zip(kills, starts[1:], strict=True)
            if accepted[0] <= restart and kill <= logged_at[message_id]
        ]
        assert len(accepted) - 1 <= len(inside)
    repeats = sum(len(accepted) - 1 for accepted in mails.values())
    log_ledger.warning(
        "%s kills, %s events, %s alerts, %s messages, %s repeats, %s alerts merged",
        *(len(kills), ledger.events, len(alerts), len(mails), repeats),
        sum(line.outcome == "silent" for line in log),
    )
