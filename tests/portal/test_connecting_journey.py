"""An agent connects her town's account in a real browser, by keyboard, at a served network."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from contracts.territories import Territories
from deploy.local.supervision.children import free_port
from libs.clock import SteppedClock
from services.api.app import build
from services.api.store import Store
from simulation.serving.platforms import Networks
from simulation.serving.server import serve
from tests.api.answers import RecordedFigures
from tests.api.connecting import SETTINGS, TOWN, invented, register, small
from tests.api.world import NOW
from tests.portal.serving import served
from tests.portal.test_agent_journeys import pressed, typed
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import store as store
from tests.portal.test_entering import administer

pytestmark = [pytest.mark.proof, pytest.mark.browser]
PAGE = f"/equipe/{TOWN}/connecter"


@pytest.fixture(scope="module")
def networks() -> Iterator[str]:
    """The fictional networks, served on this machine."""
    loop, known = asyncio.new_event_loop(), Networks(invented(), SteppedClock(NOW))
    serving = threading.Thread(target=loop.run_forever, daemon=True)
    serving.start()
    runner, port = asyncio.run_coroutine_threadsafe(serve(known), loop).result(10)
    yield f"http://127.0.0.1:{port}"
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    serving.join(10)


@pytest.fixture(scope="module")
def portal(
    places: Territories, figures: RecordedFigures, store: Store, networks: str
) -> Iterator[str]:
    port = free_port()
    told = {
        "kafka_url": "127.0.0.1:9",
        "networks_via": networks,
        "portal_url": f"http://127.0.0.1:{port}",
    }
    service = build(
        SETTINGS.model_copy(update=told),
        figures=figures,
        places=places,
        clock=SteppedClock(NOW),
        store=store,
    )
    with served(service, port) as address:
        yield address


@pytest.mark.parametrize("width", [375, 1280])
def test_an_account_is_connected_refused_and_withdrawn(browser: Browser, portal, store, width):
    handle = small().first_handle
    register(store, handle)
    context = browser.new_context(base_url=portal, viewport={"width": width, "height": 900})
    administer(context, "communication")
    page = context.new_page()
    page.goto(f"/equipe/{TOWN}")
    pressed(page, page.get_by_role("link", name="Connecter nos comptes"))

    page.get_by_role("button", name="Connecter").press("Enter")
    page.get_by_role("button", name="Refuser").press("Enter")
    page.wait_for_url(f"{portal}/connecter/**")
    assert page.get_by_role("alert").is_visible()

    page.get_by_role("button", name="Connecter").press("Enter")
    typed(page, "Nom du compte", handle)
    page.get_by_role("button", name="Autoriser").press("Enter")
    page.wait_for_url(f"{portal}{PAGE}#**")
    row = page.locator(".results li").filter(has_text=handle)
    assert row.locator(".tag").inner_text() == "connecté"
    pressed(page, row.get_by_role("button", name="Retirer"))
    assert row.locator(".tag").inner_text() == "retiré"
    context.close()
