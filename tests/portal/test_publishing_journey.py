"""A month published to its end, in a real browser by keyboard: over the real engine and scorer."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from contracts.territories import Territories
from deploy.local.supervision.children import free_port
from libs.clock import SteppedClock
from libs.engine.client import Engine, connect_to_compute
from libs.engine.migrate import migrate
from services.api.app import build
from services.api.figures.queries import Queries
from services.api.store import Store
from services.scorer.methodologies import CURRENT
from services.scorer.month.month import compute
from services.scorer.month.withdrawing import withdraw
from tests.api.conftest import SIMULATION, create_tables
from tests.portal.serving import served
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import faults, plain
from tests.portal.test_entering import administer
from tests.scorer.month.test_month import crowd
from tests.scorer.months import PERIOD, TERRITORIES

pytestmark = [pytest.mark.proof, pytest.mark.browser, pytest.mark.engine]

ON = "/bureau/publication"
WHY = "Les abonnés d’un réseau étaient faux."


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 12, 6, 9, tzinfo=UTC))


Work = Callable[[Engine], Awaitable[Any]]


@pytest.fixture
def scorer(clickhouse_url: str, database: str) -> Callable[[Work], Any]:
    """Do what a command of the scorer does, in a thread: this one has the browser's loop."""

    def ran(work: Work) -> Any:
        async def run() -> Any:
            async with await connect_to_compute(clickhouse_url, database, cluster=False) as client:
                return await work(client)

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, run()).result()

    return ran


@pytest.fixture
def address(
    clickhouse_url: str,
    database: str,
    clock: SteppedClock,
    places: Territories,
    tmp_path: Path,
    scorer: Callable[[Work], Any],
) -> Iterator[str]:
    """The portal over an engine in which October is computed."""

    async def first(engine: Engine) -> None:
        await crowd().write(engine)
        await compute(engine, PERIOD, CURRENT, clock, installation="simulation")

    with ThreadPoolExecutor(1) as thread:
        known = Territories(TERRITORIES, ())
        thread.submit(asyncio.run, migrate(clickhouse_url, database, known)).result()
    scorer(first)
    store = Store(f"sqlite:///{tmp_path / 'state.db'}", origin="simulation", now=clock.now)
    create_tables(store)
    port = free_port()
    settings = SIMULATION.model_copy(
        update={"kafka_url": "127.0.0.1:9", "portal_url": f"http://127.0.0.1:{port}"}
    )
    figures = Queries(clickhouse_url, database, kept_seconds=0)
    portal = build(settings, figures=figures, places=places, clock=clock, store=store)
    with served(portal, port) as at:
        yield at
    store.close()


def pressed(page: Page, what: Locator) -> None:
    """Reach it by the keyboard's focus, and press Enter."""
    what.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [375, 1280])
def test_a_month_goes_from_the_gate_to_its_end_and_is_taken_away(
    browser: Browser, address: str, clock: SteppedClock, scorer, width: int
):
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 900})
    administer(context, "exploitation")
    page, found = context.new_page(), []

    def seen(name: str) -> str:
        found.extend(faults(page, name))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name}: wider than {width}")
        return plain(page.locator("main").inner_text())

    page.goto(ON)
    assert "Provisoire" in seen("gate")
    pressed(page, page.get_by_role("link", name="Répéter la publication"))
    said = seen("rehearsal")
    assert "refaite depuis chaque ligne, elle est celle du calcul" in said
    assert "octobre 2026 : révision 1, définitif" in said
    pressed(page, page.get_by_role("button", name="Annoncer, 48 heures avant"))
    assert "--final" not in seen("announced")

    page.get_by_label("Pour qui").focus()
    page.keyboard.type("La Gazette d’essai")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    seen("link")
    link = page.get_by_label("Le lien à transmettre").input_value()
    reader = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    reader.goto(link)
    assert "Sous embargo jusqu’au" in reader.locator("h1").inner_text()
    found.extend(faults(reader, "embargo"))
    with reader.expect_download() as taken:
        reader.get_by_role("link", name="CSV", exact=True).first.press("Enter")
    assert "sous-embargo_2026-12-09" in taken.value.suggested_filename

    clock.step(72 * 3600)
    administer(context, "exploitation")
    page.goto(f"{ON}?periode={PERIOD}")
    command = page.locator("main [role=status]").inner_text()
    assert re.search(rf"observatoire score month {PERIOD} --final", command)
    scorer(
        lambda engine: compute(
            engine, PERIOD, CURRENT, clock, installation="simulation", final=True
        )
    )
    assert reader.goto(link).status == 410  # type: ignore[union-attr]
    page.reload()
    assert "Définitif" in seen("final")

    scorer(lambda engine: withdraw(engine, PERIOD, clock, WHY))
    page.reload()
    assert WHY in seen("taken away")
    page.goto("/donnees")
    assert WHY in seen("public")
    file = page.request.get(f"/api/v1/months/{PERIOD}/bluesky.csv")
    assert (file.status, WHY in file.text()) == (410, True)
    assert WHY in page.request.get("/api/v1/months.atom").text()
    context.close()
    assert not found, "\n".join(found)
