"""What agents come to do, to its end, in a real browser by keyboard: narrow and wide.

Others stand beside: by the mail, a colleague invited (`test_entering.py`), by Keycloak
(`test_keycloak.py`), a figure contested (`test_browser.py`), a month
(`test_publishing_journey.py`).
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from services.api.store import Store
from tests.portal.test_browser import address as address
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import faults, plain
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import store as store
from tests.portal.test_entering import administer

pytestmark = [pytest.mark.proof, pytest.mark.browser]


@pytest.fixture(params=[375, 1280])
def context(
    browser: Browser, address: str, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=address, viewport={"width": request.param, "height": 900})
    yield opened
    opened.close()


def pressed(page: Page, what: Locator) -> None:
    """Reach it, press Enter, and wait for the page that comes: it is as wide as the screen."""
    what.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert faults(page, page.url) == []


def typed(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def test_an_account_is_claimed_accepted_and_shown_as_verified(context, store: Store):
    page, width = context.new_page(), context.pages[0].viewport_size["width"]
    administer(context, "communication")
    page.goto("/equipe/00101/comptes")
    typed(page, "Son adresse", f"https://bsky.app/profile/musee-{width}.example")
    typed(page, "Où voir qu’il est le vôtre", "https://essai-sur-onde.example/contact")
    pressed(page, page.get_by_role("button", name="C’est notre compte"))
    assert f"musee-{width}.example" in page.locator("main").inner_text()
    administer(context, "exploitation")
    page.goto("/bureau/comptes")
    assert "la demande d’un agent" in page.locator(".proofs").first.inner_text().lower()
    with page.expect_navigation():
        page.keyboard.press("a")
    administer(context, "communication")
    page.goto("/equipe/00101/comptes")
    line = page.locator("li", has_text=f"musee-{width}.example")
    assert line.locator(".tag.ok").inner_text() == "vérifié"


def test_the_electoral_question_is_answered_and_said_to_all(context):
    """From the page of the territory to the answer, changed afterwards: « concernée » again."""
    page = context.new_page()
    administer(context, "communication")
    for answer, muted in (("Hors période", False), ("Concernée", True)):
        page.goto("/equipe/00101")
        pressed(page, page.get_by_role("link", name="Période électorale"))
        page.get_by_label(answer).focus()
        page.keyboard.press("Space")
        pressed(page, page.get_by_role("button", name="Répondre"))
        assert answer.lower() in page.locator("#reponse h2").inner_text().lower()
        page.goto("/territoires/00101?vue=detaillee&reseau=bluesky")
        said = page.locator(".electoral summary")
        assert answer.lower() in plain(said.inner_text()).lower()
        shown = page.get_by_text("pas de conseil de fréquence").count()
        assert (shown > 0) == muted
        said.focus()
        page.keyboard.press("Enter")
        pressed(page, page.get_by_role("link", name="changer la réponse"))


def test_the_administrator_of_a_syndicate_adds_a_commune(context):
    """With a proof; the desk grants it; its name stands there; then the commune is given back."""
    page, width = context.new_page(), context.pages[0].viewport_size["width"]
    commune = {375: "00230", 1280: "00231"}[width]
    administer(context, "metropole")
    answer = page.goto(f"/equipe/{commune}")
    assert answer is not None
    assert answer.status == 403
    page.goto("/equipe/000000001")
    pressed(page, page.get_by_role("link", name="Les communes que nous administrons"))
    typed(page, "Commune", commune)
    typed(page, "Ce qui le prouve", f"Convention de {width}, du 3 mars")
    pressed(page, page.get_by_role("button", name="Demander"))
    assert "en attente" in page.locator("main .results").inner_text()
    typed(page, "Votre nom", "Syndicat d’essai")
    pressed(page, page.get_by_role("button", name="Enregistrer"))
    administer(context, "exploitation")
    page.goto("/bureau/demandes")
    assert f"Convention de {width}" in page.locator("main").inner_text()
    pressed(page, page.get_by_role("button", name="Accepter pour").first)
    administer(context, "metropole")
    page.goto("/equipe/000000001/communes")
    pressed(page, page.get_by_role("link", name="son équipe").last)
    assert page.get_by_role("button", name="Inviter").is_visible()
    page.goto(f"/territoires/{commune}")
    assert page.get_by_text("Accompagnée par Syndicat d’essai").is_visible()
    page.goto("/equipe/000000001/communes")
    pressed(page, page.get_by_role("button", name="Rendre").first)
    answer = page.goto(f"/equipe/{commune}")
    assert answer is not None
    assert answer.status == 403


def test_the_lesson_that_is_proposed_is_read_and_printed(context):
    page = context.new_page()
    page.goto("/territoires/00230")
    pressed(page, page.locator(".todo a[href^='/apprendre/']"))
    assert page.get_by_role("heading", name="Un geste pour lundi").is_visible()
    page.emulate_media(media="print")
    assert page.locator("header.top").is_hidden()
    assert page.get_by_role("heading", name="À emporter").is_visible()
    assert page.locator(".printed").is_visible()
    assert page.pdf(format="A4")[:5] == b"%PDF-"
