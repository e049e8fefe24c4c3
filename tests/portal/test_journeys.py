"""Find, understand, contest, compare five, sort posts, take PDF and PPTX: by keyboard alone.

On a screen and on a telephone, with the script of the site and without any.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from services.api.store import Store
from tests.api.answers import RecordedFigures
from tests.portal.test_browser import address as address
from tests.portal.test_browser import browser as browser
from tests.portal.test_browser import figures as figures
from tests.portal.test_browser import plain
from tests.portal.test_browser import store as store
from tests.portal.test_entering import administer
from tests.portal.test_publications import rows

pytestmark = [pytest.mark.browser, pytest.mark.proof]

WIDTHS, SCRIPTS = (1280, 375), (True, False)
CHOSEN = 5
ZIPPED = b"PK"
FOCUSED = """() => {
  const one = document.activeElement;
  return one.getAttribute('aria-label') || one.textContent.trim() || one.id;
}"""
KIND = "() => document.activeElement.localName"
SHOWN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  return box.top >= 0 && box.bottom <= innerHeight + 1 && box.width > 0
    && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
}"""
MOST = 300


@pytest.fixture(params=[(width, script) for width in WIDTHS for script in SCRIPTS], ids=str)
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, script = request.param
    context = browser.new_context(
        base_url=address,
        java_script_enabled=script,
        viewport={"width": width, "height": 900 if width > 500 else 700},
        accept_downloads=True,
    )
    yield context.new_page()
    context.close()


def reach(page: Page, said: str, kind: str = "") -> None:
    """Go on by Tab to what says so, of a kind of element; it is in view, and seen to have focus."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if said in plain(page.evaluate(FOCUSED)) and kind in page.evaluate(KIND):
            assert page.evaluate(SHOWN), said
            return
    raise AssertionError(f"{said} is not reached by keyboard on {page.url}")


def press(page: Page, said: str, kind: str = "") -> None:
    """Go on to a link or a button, and press it: another page comes, as wide as the screen."""
    reach(page, said, kind)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def taken(page: Page, said: str) -> bytes:
    """Go on to a link to a file, and take it: a browser shows a PDF, others it keeps."""
    reach(page, said, "a")
    answer = page.context.request.get(page.evaluate("document.activeElement.href"))
    assert answer.status == 200
    return answer.body()


def sort(page: Page, label: str, option: str) -> None:
    """Sort by the head of a column; on a telephone, which has no heads, by the list above."""
    if page.viewport_size["width"] > 500:
        press(page, label, "a")
        return
    reach(page, option, "select")
    page.keyboard.type(option[:20])
    press(page, "Afficher")


def found(page: Page) -> None:
    """From the home to a town, by the words that its own people say."""
    page.goto("/")
    reach(page, "Aller au contenu")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("Ville d’Essai-sur-Onde")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/territoires/00101")


def test_a_town_is_found_and_its_score_understood(page):
    found(page)
    assert "En octobre 2026" in plain(page.locator(".lede").inner_text())
    press(page, "Détaillée")
    press(page, "Vérifier ce score")
    words = plain(page.locator("main").inner_text())
    assert "Recalculé à l’instant" in words
    assert "÷" in words


def test_five_are_chosen_and_compared(page):
    found(page)
    press(page, "Comparer Essai-sur-Onde")
    everybody = page.locator("tbody tr").count()
    chosen: set[str] = set()
    for _ in range(CHOSEN):
        reach(page, "Comparer ", "input")
        page.keyboard.press("Space")
        chosen.add(page.evaluate("document.activeElement.value"))
    assert len(chosen) == CHOSEN
    press(page, "Comparer les collectivités cochées")
    assert page.locator("tbody tr").count() == CHOSEN + 1 < everybody
    assert all(code in page.url for code in chosen)
    assert page.get_by_role("checkbox").count() == 0
    sort(page, "Taux d’engagement", "Taux d’engagement")
    rates = page.locator("td[data-label='Taux d’engagement']").all_inner_texts()
    values = [float(plain(one).partition(" ")[0].replace(",", ".")) for one in rates]
    assert values == sorted(values, reverse=True)
    assert taken(page, "Diapositives (PPTX)").startswith(ZIPPED)


def test_posts_are_sorted(page, figures: RecordedFigures, monkeypatch):
    monkeypatch.setitem(figures.given, "account_performance", rows())
    monkeypatch.setitem(figures.given, "account_days", [])
    found(page)
    press(page, "publications")
    sort(page, "Interactions", "le plus d’interactions")
    counts = [
        int(plain(one).replace(" ", ""))
        for one in page.locator("#toutes ~ .scroll td[data-label=Interactions]").all_inner_texts()
    ]
    assert len(counts) > 5
    assert counts == sorted(counts, reverse=True)


def test_the_page_of_the_month_is_taken(page):
    found(page)
    press(page, "La page du mois")
    assert taken(page, "(PDF)").startswith(b"%PDF")
    assert taken(page, "Diapositives (PPTX)").startswith(ZIPPED)


def test_a_figure_is_contested_shown_so_and_answered_in_public(page, store: Store):
    """From the page as a first visit has it; what was typed goes with the contest."""
    found(page)
    for _ in range(2):  # again, when it is open already: words are added, nothing is doubled
        reach(page, "Préciser", "summary")
        page.keyboard.press("Enter")
        reach(page, "Le nombre d’abonnés", "select")
        page.keyboard.type("Le nombre")
        reach(page, "precision", "textarea")
        page.keyboard.type("Nous en comptions 300 de plus.")
        press(page, "Contester avec ces précisions", "button")
        assert page.evaluate("document.activeElement.id") == "contester"
        marked = page.locator("#contester .tag.bad")
        assert marked.count() == 1
        assert "abonnés" in plain(
            page.locator("#contester p", has=page.locator(".tag.bad")).inner_text()
        )
    account = page.url.split("compte=")[1].split("&")[0]
    press(page, "Historique et réponses", "a")
    assert "en attente" in plain(page.locator("main .todo").inner_text())
    press(page, "Revenir à la page", "a")
    assert page.locator("#contester .tag.bad").count() == 1

    administer(page.context, "exploitation")
    page.goto("/contestations")
    assert page.locator("main blockquote").inner_text().count("300") == 2
    reach(page, "Chiffre corrigé", "select")
    page.keyboard.type("Chiffre corrigé")
    reach(page, "reponse-", "textarea")
    page.keyboard.type("Relevé refait, le nombre est corrigé.")
    press(page, "Publier la réponse", "button")
    assert account in page.url
    page.context.clear_cookies()
    page.goto(f"/contestations/{account}")
    history = plain(page.locator("main").inner_text())
    assert "Chiffre corrigé" in history
    assert "Relevé refait" in history
    assert "300 de plus" not in history
    press(page, "Revenir à la page", "a")
    assert page.locator("#contester .tag.bad").count() == 0
    assert not store.contests.waiting()
