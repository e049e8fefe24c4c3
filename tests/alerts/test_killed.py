"""kill -9 of the whole service, again and again while mentions come: nothing is missing."""

import asyncio
import json
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

from contracts.alerts import AlertRaised
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED, MENTIONS_OBSERVED, WATCHES
from contracts.watches import Query, Recipient
from deploy.local.supervision.children import free_port
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from tests.alerts.builders import mention, watched
from tests.conftest import Catchers
from tests.deadlines import until, until_found
from tests.topics import read_whole

pytestmark = [pytest.mark.proof, pytest.mark.broker]

NAMESPACE = "test-alerts-killed"
KILLS = 3
WATCHED = 4
PACE = 0.05
"""Seconds from one mention to the next."""
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


async def raised_of(kafka_url: str, mentions: int) -> dict[str, AlertRaised]:
    """Return the alerts, each once, when they tell of so many mentions."""

    async def alerts() -> dict[str, AlertRaised]:
        raised = await read_whole(kafka_url, NAMESPACE, ALERTS_RAISED)
        return {alert.alert: alert for alert in raised}

    return await until_found(
        alerts, lambda found: sum(alert.total for alert in found.values()) >= mentions, 60
    )


async def logged_at(kafka_url: str) -> dict[str, datetime]:
    """Return when each mail was logged, by its Message-ID."""
    log = await read_whole(kafka_url, NAMESPACE, ALERTS_DELIVERED)
    return {line.message_id: line.delivered_at for line in log if line.message_id}


async def test_nothing_is_missing_and_repeats_do_not_exceed_kills(
    kafka_url, catchers, environment, tmp_path
):
    await create_topics(kafka_url, NAMESPACE)
    wire = Wire(kafka_url, "simulation", namespace=NAMESPACE)
    await wire.start()
    names = [f"w{number}" for number in range(WATCHED)]
    for name in names:
        await wire.publish(
            WATCHES,
            watched(
                watch=name,
                query=Query(any=(f"ville{name}",)),
                cooldown_minutes=0,
                recipients=(Recipient(address=f"mailto:{name}@essai.example", confirmed=True),),
            ),
        )
    published = 0
    finished = asyncio.Event()

    async def talk() -> None:
        nonlocal published
        while not finished.is_set():
            text = f"Coupure d’eau à ville{names[published % WATCHED]}, appel {published}"
            await wire.publish(
                MENTIONS_OBSERVED, mention(published, text, published_at=datetime.now(UTC))
            )
            published += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(finished.wait(), PACE)

    talking = asyncio.create_task(talk())
    chance, kills, starts = random.Random(20261124), list[datetime](), list[datetime]()
    for _ in range(KILLS):
        async with running(environment, tmp_path / "alerts.log") as process:
            await ready(environment, process)
            starts.append(datetime.now(UTC))
            told = len(catchers.messages())
            # Some of what is told falls before the kill, now in a batch, now between two.
            wanted = told + chance.randint(1, 12)
            await until(lambda wanted=wanted: len(catchers.messages()) >= wanted)
            kills.append(datetime.now(UTC))
            process.kill()
            await process.wait()
    finished.set()
    await talking
    async with running(environment, tmp_path / "alerts.log") as process:
        await ready(environment, process)
        starts.append(datetime.now(UTC))
        alerts = await raised_of(kafka_url, published)
        await until(
            lambda: len({mail["message_id"] for mail in catchers.messages("mail")}) == len(alerts)
        )
    await wire.stop()

    # Each mention is in one alert, and no two alerts have one in common.
    subjects = Counter(e.subject for alert in alerts.values() for e in alert.evidence)
    assert sum(alert.total for alert in alerts.values()) == published
    assert set(subjects.values()) == {1}
    # Each alert is in the mailbox. A repeat has the same Message-ID, and a kill of its own between
    # the first acceptance and the log; a kill ends when the next process is up.
    log = await logged_at(kafka_url)
    copies: dict[str, list[datetime]] = {}
    for mail in catchers.messages("mail"):
        copies.setdefault(mail["message_id"], []).append(datetime.fromisoformat(mail["at"]))
    assert copies.keys() == log.keys()
    assert len(copies) == len(alerts)
    for message_id, accepted in copies.items():
        inside = [
            kill
            for kill, restart in zip(kills, starts[1:], strict=True)
            if accepted[0] <= restart and kill <= log[message_id]
        ]
        assert len(accepted) - 1 <= len(inside)
