"""« 0 perdu »: said of what is, on a real broker; and the page that says it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from aiokafka.errors import KafkaConnectionError

from contracts.accounts import AccountObserved
from contracts.topics import ACCOUNTS_OBSERVED
from libs.clock import SteppedClock
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.api.app import build
from services.api.operations.broker import Backlog, Group
from services.api.operations.catching_up import OBSERVED, CatchingUp, Proof
from services.api.operations.demonstration import Demonstration
from tests.api.answers import RecordedFigures
from tests.events import account_observed
from tests.portal.test_operations import asking
from tests.portal.test_operations import connections as connections
from tests.portal.test_pages import text_of
from tests.topics import commit_ends

BEGUN = datetime(2026, 11, 24, 7, 45, tzinfo=UTC)


def read(number: int) -> AccountObserved:
    at = BEGUN + timedelta(seconds=number)
    return account_observed(
        f"a{number}", BEGUN, event_id=f"e{number}", observed_at=at, followers=number
    )


@pytest.fixture
async def wire(kafka_url: str, topic_prefix: str) -> AsyncIterator[Wire]:
    namespace = topic_prefix.rstrip(".")
    await create_topics(kafka_url, namespace, OBSERVED)
    wire = Wire(kafka_url, "simulation", namespace=namespace)
    await wire.start()
    yield wire
    await wire.stop()


async def looked(catching_up: CatchingUp, kafka_url: str, figures: RecordedFigures) -> Proof | None:
    async with asking(kafka_url) as broker:
        return await catching_up.look(broker, figures)


@pytest.mark.broker
async def test_what_was_read_since_a_stop_is_looked_for_and_what_waits_is_counted(
    kafka_url, wire, figures
):
    namespace = wire.namespace
    group = f"{namespace}.scorer"
    await wire.publish_all(ACCOUNTS_OBSERVED, map(read, range(5)))
    await commit_ends(kafka_url, namespace, group.removeprefix(f"{namespace}."), OBSERVED)
    catching_up = CatchingUp(namespace, group)
    assert await looked(catching_up, kafka_url, figures) is None
    async with asking(kafka_url) as broker:
        await catching_up.begin(broker, BEGUN + timedelta(minutes=2))
    await wire.publish_all(ACCOUNTS_OBSERVED, map(read, range(100, 107)))
    await wire.publish_all(ACCOUNTS_OBSERVED, map(read, range(5, 8)))
    waiting = await looked(catching_up, kafka_url, figures)
    assert waiting == Proof(0, 0, waiting=10, found=0, lost=0, twice=0, refused=0)

    await (await wire.log.send(ACCOUNTS_OBSERVED.on(namespace), b"{", b"x"))
    await commit_ends(kafka_url, namespace, group.removeprefix(f"{namespace}."), OBSERVED)
    figures.stored = [(f"e{number}", BEGUN + timedelta(seconds=number)) for number in range(107)]
    proof = await looked(catching_up, kafka_url, figures)
    assert proof == Proof(11, 11, waiting=0, found=7, lost=0, twice=0, refused=1)
    assert proof.whole

    late = figures.stored[-1][1]
    figures.stored = [*figures.stored[:-2], ("e103", late), ("e103", late), ("other", late)]
    assert await looked(catching_up, kafka_url, figures) == Proof(
        11, 11, 0, found=5, lost=2, twice=2, refused=1
    )


@pytest.mark.broker
async def test_a_look_takes_its_time_and_the_next_goes_on(kafka_url, wire, figures):
    namespace = wire.namespace
    group = f"{namespace}.another"
    await wire.publish_all(ACCOUNTS_OBSERVED, map(read, range(200, 210)))
    timer = count(0, 0.6).__next__
    catching_up = CatchingUp(namespace, group, at_once=3, timer=timer)
    async with asking(kafka_url) as broker:
        await catching_up.begin(broker, BEGUN)
    await commit_ends(kafka_url, namespace, group.removeprefix(f"{namespace}."), OBSERVED)
    proof = await looked(catching_up, kafka_url, figures)
    assert not proof.whole
    for _ in range(30):
        if not proof.whole:
            proof = await looked(catching_up, kafka_url, figures)
    assert proof.whole
    assert proof.lost == proof.read - proof.refused > 0


class CaughtUp:
    """Stands for what is looked for in a broker and an engine."""

    def __init__(self) -> None:
        self.group = "simulation.scorer"
        self.stopped_at: datetime | None = None
        self.proof: Proof | None = None

    async def begin(self, _: object, now: datetime) -> None:
        self.stopped_at = now

    async def look(self, *_: object) -> Proof | None:
        return self.proof


async def test_a_visitor_stops_the_scorer_and_reads_that_nothing_was_lost(
    places, store, figures, monkeypatch, connections, tmp_path
):
    reading: list[Group] = []

    async def backlog(*_: object) -> Backlog:
        return Backlog(tuple(reading), 0)

    catching_up = CaughtUp()
    switch = Demonstration(tmp_path / "stopped", catching_up)
    monkeypatch.setattr("services.api.operations.broker.backlog", backlog)
    monkeypatch.setattr("services.api.operations.broker.KEPT_SECONDS", 0.0)
    monkeypatch.setattr("services.api.app.demonstration_of", lambda _: switch)
    clock = SteppedClock(BEGUN)
    settings = Settings(installation="simulation")
    service = build(settings, figures=figures, places=places, clock=clock, store=store)
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as portal:

        async def words() -> str:
            return text_of((await portal.get("/exploitation")).text)

        assert "Essayer : arrêter la mesure" in await words()
        assert "en double Depuis" not in await words()
        foreign = {"Origin": "http://ailleurs.example"}
        assert (await portal.post("/exploitation/arreter", headers=foreign)).status_code == 403
        told = await portal.post("/exploitation/arreter")
        assert (told.status_code, told.headers["location"]) == (303, "/exploitation?suivre=1#essai")
        catching_up.proof = Proof(0, 0, 12, 0, 0, 0, 0)
        reading.append(Group("simulation.scorer", "Stable", 1, 0, ()))
        text = await words()
        assert "Arrêt de la mesure demandé… 0 message" in text
        assert "Arrêt demandé… à 8 h 45" in text
        assert "Relancer la mesure" in text
        reading.clear()
        assert "arrêtée depuis 8 h 45" in await words()
        assert "12 relevés attendent" in await words()
        assert switch.stopped
        await portal.post("/exploitation/relancer")
        assert not switch.stopped
        assert "La mesure redémarre" in await words()
        reading.append(Group("simulation.scorer", "Stable", 1, 0, ()))
        catching_up.proof = Proof(5, 5, 0, 4, 0, 0, 1)
        text = await words()
        assert "Elle a tout rattrapé" in text
        assert "0 perdu, 0 en double Depuis" in text
        assert "enregistrés ; 1 message refusé à part" in text
        catching_up.proof = Proof(9, 5, 3, 4, 2, 1, 0)
        text = await words()
        assert "2 perdus, 1 en double" in text
        assert "9 messages, dont 5 relus ici jusqu’à présent" in text
        followed = await portal.get("/exploitation?suivre=1")
        assert len(connections) == 1
        assert followed.headers["refresh"] == "3"


async def test_a_stop_that_nobody_could_follow_is_taken_back(
    places, store, figures, monkeypatch, tmp_path
):
    async def away(_: str) -> None:
        raise KafkaConnectionError("refused by broker:9092")

    catching_up = CaughtUp()
    switch = Demonstration(tmp_path / "stopped", catching_up)
    monkeypatch.setattr("services.api.operations.broker.connected", away)
    monkeypatch.setattr("services.api.app.demonstration_of", lambda _: switch)
    settings = Settings(installation="simulation")
    clock = SteppedClock(BEGUN)
    service = build(settings, figures=figures, places=places, clock=clock, store=store)
    transport = httpx.ASGITransport(service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as portal:
        told = await portal.post("/exploitation/arreter")
    assert told.status_code == 503
    assert "broker:9092" not in told.text
    assert not switch.stopped
    assert catching_up.stopped_at is None


async def test_elsewhere_nothing_can_be_stopped(portal):
    assert (await portal.post("/exploitation/arreter")).status_code == 404
    assert "arreter" not in (await portal.get("/exploitation")).text
