"""The desk decides of candidates in a real browser: by keyboard, and without a script."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from services.api.store import Store
from tests.portal.candidates import DESK, candidate, states
from tests.portal.test_browser import address as address
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import faults, follow
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import store as store


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address)
    enter(context)
    yield context.new_page()
    context.close()


def enter(context: BrowserContext) -> None:
    """As the team does, by its door of the demonstration."""
    form, headers = {"qui": "exploitation"}, {"sec-fetch-site": "same-origin"}
    context.request.post("/entrer/comme", form=form, headers=headers, max_redirects=0)


def press(page: Page, key: str) -> None:
    """Press a key that decides, and wait for the page that comes."""
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.mark.proof
@pytest.mark.browser
def test_candidates_are_decided_by_keyboard_and_taken_back(desk: Page, store: Store):
    for number in range(6):
        candidate(store, number)
    known = [one.account.account for one in store.accounts.candidates(6)]
    desk.goto(DESK)
    for key in ("a", "r", "u", "p"):
        press(desk, key)
    decided = [
        ("verified", "collectivité"), ("refused", "collectivité"), ("refused", "collectivité"),
        ("candidate", "personne"),
    ]  # fmt: skip
    assert states(store, known)[:4] == decided
    press(desk, "z")
    assert states(store, known)[3] == ("candidate", "collectivité")
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    assert desk.evaluate("document.activeElement.id").startswith("c-")
    found = faults(desk, DESK)
    for width in (375, 320):
        desk.set_viewport_size({"width": width, "height": 800})
        assert desk.evaluate("document.documentElement.scrollWidth") <= width
    assert found == []
    for one in known:
        if states(store, [one]) == [("candidate", "collectivité")]:
            store.accounts.move(one, "refused", reason="fin", by="essai")


@pytest.mark.browser
@pytest.mark.proof
def test_candidates_are_decided_without_a_script(browser: Browser, address: str, store: Store):
    known = [candidate(store, number) for number in range(10, 12)]
    context = browser.new_context(base_url=address, java_script_enabled=False)
    enter(context)
    page = context.new_page()
    page.goto(DESK)
    page.get_by_role("button", name="Refuser : ville-010").focus()
    press(page, "Enter")
    follow(page, page.get_by_role("button", name="Annuler"))
    follow(page, page.get_by_role("button", name="Accepter : ville-011"))
    assert [state for state, _ in states(store, known)] == ["candidate", "verified"]
    store.accounts.move(known[0], "refused", reason="fin", by="essai")
    context.close()


@pytest.mark.browser
@pytest.mark.proof
def test_a_hundred_candidates_take_less_than_ten_minutes(desk: Page, store: Store):
    """The portal's part of it: a person has 5.5 seconds left for each, to look and to press."""
    known = [candidate(store, number) for number in range(100, 200)]
    desk.goto(DESK)
    began = time.monotonic()
    for number in range(100):
        press(desk, "ar"[number % 2])
    took = time.monotonic() - began
    assert {state for state, _ in states(store, known)} == {"verified", "refused"}
    assert took < 50, f"{took:.0f} s"


@pytest.mark.browser
@pytest.mark.proof
@pytest.mark.parametrize("width", [375, 1280])
def test_impostors_are_decided_by_keyboard(desk: Page, store: Store, width: int):
    known = [candidate(store, number, "likeness") for number in range(width, width + 3)]
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto("/bureau/usurpations")
    for key in ("u", "r"):
        press(desk, key)
    press(desk, "z")
    press(desk, "u")
    decided = [store.accounts.history(one).impostor for one in known]
    assert sorted(decided) == [False, True, True]
    assert faults(desk, "impostors") == []
    assert desk.evaluate("document.documentElement.scrollWidth") <= width
    desk.goto("/territoires/00101?vue=simple")
    assert desk.locator("#usurpations li").count() >= 2
    assert faults(desk, "territory") == []
    for one in store.accounts.candidates(9, suspected=True):
        store.accounts.move(one.account.account, "refused", reason="fin", by="essai")
