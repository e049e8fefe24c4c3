"""The portal in a real browser: by keyboard, without a script, narrow and wide, light and dark."""

import re
from collections.abc import Iterator
from itertools import product
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from contracts.panels.comparer import SCORES_TOGETHER
from contracts.panels.ma_collectivite import PEERS
from contracts.territories import Territories
from deploy.local.supervision.children import free_port
from libs.charts import picture as charts
from libs.charts.style import FONT
from libs.clock import SteppedClock
from services.api.app import build
from services.api.store import Store
from tests.api.answers import RecordedFigures
from tests.api.conftest import BEARER, SIMULATION, create_tables
from tests.api.world import NOW
from tests.portal.serving import served
from tests.portal.test_publications import rows
from tests.portal.test_watches import TYPED, an_alert, some_texts

pytestmark = pytest.mark.browser

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.proof), 375])
"""The narrow one at each run: what is too wide, hidden or covered is so there first."""
PAGES = [
    "/", "/recherche?q=essai", "/recherche?q=zzzz", "/territoires/00101", "/territoires/00103",
    "/territoires/00101?vue=detaillee",
    "/comparer/00101?reseau=bluesky",
    "/territoires/62498", "/rapports/mensuel/00105", "/palmares", "/palmares?categorie=metropoles",
    "/palmares?categorie=regions", "/verifier/00101-bluesky", "/veilles", "/veilles/nouvelle",
    "/apprendre", "/apprendre/reserve-electorale", "/apprendre/tenir-un-rythme",
    "/sources", "/exploitation", "/methodologie", "/donnees", "/vos-droits", "/mentions-legales",
    "/accessibilite", "/signaler", "/nulle-part",
]  # fmt: skip


def follow(page, link):
    """Click, and wait for the page that comes: what is counted at once may be still on its way."""
    with page.expect_navigation():
        link.click()


@pytest.fixture(scope="module")
def figures() -> RecordedFigures:
    return RecordedFigures()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """In a file: the portal writes while a test reads."""
    file = tmp_path_factory.mktemp("state") / "state.db"
    held = Store(f"sqlite:///{file}", origin="simulation", now=lambda: NOW)
    create_tables(held)
    yield held
    held.close()


@pytest.fixture(scope="module")
def address(places: Territories, figures: RecordedFigures, store: Store) -> Iterator[str]:
    """The portal on a free port."""
    settings = SIMULATION.model_copy(update={"kafka_url": "127.0.0.1:9"})
    service = build(settings, figures=figures, places=places, clock=SteppedClock(NOW), store=store)
    with served(service, free_port()) as address:
        yield address


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def visitor(browser: Browser, address: str) -> Iterator[Page]:
    """One page that goes from address to address."""
    context = browser.new_context(base_url=address, extra_http_headers=BEARER)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a browser that runs no script of ours: there is none to run."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def plain(text: str) -> str:
    """A text with spaces as typed."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def faults(page: Page, path: str) -> list[str]:
    """What axe-core says against a page."""
    # Of what is well nothing is asked: describing it takes most of the time.
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{path}: {one['id']}: {one['nodes'][0]['html'][:150]}" for one in found]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_narrow_and_alone(visitor, address, path):
    found = said_against(visitor, address, path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("view", ["simple", "detaillee"])
def test_publications_are_accessible_narrow_and_no_scroll_without_end(
    visitor, address, figures, monkeypatch, view
):
    """Two hundred lines on one page were 46 000 px high on a phone."""
    monkeypatch.setitem(figures.given, "account_performance", rows())
    monkeypatch.setitem(figures.given, "account_days", [])
    path = f"/publications/00101?compte=00101-bluesky&vue={view}"
    found = said_against(visitor, address, path)
    assert not found, "\n".join(found)
    assert visitor.locator("#toutes").count() == 1
    visitor.set_viewport_size({"width": 375, "height": 800})
    assert visitor.evaluate("document.documentElement.scrollHeight") < TALLEST


def said_against(visitor: Page, address: str, path: str) -> list[str]:
    """One visit: axe-core, no sideways scrolling down to 320 px, nothing asked from elsewhere."""
    asked: list[str] = []
    visitor.on("request", lambda request: asked.append(request.url))
    visitor.set_viewport_size({"width": 1280, "height": 900})
    answer = visitor.goto(path)
    assert answer is not None
    assert answer.status == (404 if path == "/nulle-part" else 200)
    found = faults(visitor, path)
    for width in (1280, 375, 320):
        visitor.set_viewport_size({"width": width, "height": 800})
        reached = visitor.evaluate("document.documentElement.scrollWidth")
        if reached > width:
            found.append(f"{path}: {reached} px wide on {width}")
    return [*found, *(url for url in asked if not url.startswith((address, "data:")))]


TALLEST = 13_000
NAMES = (
    "Mont-Échantillon-sur-Variance",
    "Saint-Prototype-les-Maquettes",
    "Communauté d’agglomération du Pays d’Esquisse-Maritime",
)
LEFT_OUT = """() => {
  const whole = document.querySelector('svg').getBoundingClientRect();
  return [...document.querySelectorAll('svg text')].filter(one => !one.closest('defs')).map(one => {
    const own = one.getBoundingClientRect();
    return [one.textContent, Math.min(own.left - whole.left, whole.right - own.right)];
  }).filter(one => one[1] < 0);
}"""


def test_no_name_of_a_chart_is_cut_whatever_the_fonts(visitor):
    named = [
        SimpleNamespace(
            territory_name=name,
            score=50 + n,
            low=45,
            high=60 + n,
            best_place=n + 1,
            worst_place=n + 1,
        )
        for n, name in enumerate(NAMES)
    ]
    months = [
        SimpleNamespace(period=period, territory_name=name, score=50.0)
        for name in NAMES
        for period in ("2026-09", "2026-10")
    ]
    shown = ((PEERS, named), (SCORES_TOGETHER, months))
    for narrow, (panel, lines) in product((False, True), shown):
        drawn = charts.svg(panel, lines, simulation=True, narrow=narrow)
        for font in ("DejaVu Sans", "monospace"):
            picture = drawn.replace(FONT, font)
            visitor.set_content(f"<body style='margin:0'>{picture}</body>")
            assert visitor.locator("svg text").count() > len(NAMES)
            assert visitor.evaluate(LEFT_OUT) == [], (font, narrow)


@pytest.mark.proof
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/territoires/00101?vue=detaillee",
        "/palmares",
        "/veilles/nouvelle",
        "/apprendre/que-publier-lundi",
    ],
)
def test_dark_pages_are_accessible_too(browser, address, path):
    context = browser.new_context(base_url=address, color_scheme="dark")
    page = context.new_page()
    page.goto(path)
    found = faults(page, path)
    context.close()
    assert not found, "\n".join(found)


def test_a_journey_by_keyboard_from_home_to_the_week(page):
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("Essai-témoin-30")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/territoires/00230"))
    assert "habitants notées" in plain(page.locator(".lede").inner_text())
    for _ in range(60):
        page.keyboard.press("Tab")
        if "leçon" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/apprendre/"))
    assert page.get_by_role("heading", name="Un geste pour lundi").is_visible()
    page.locator("a[href='/territoires/00230']").click()
    page.wait_for_url(re.compile("/territoires/00230"))


@WIDTHS
def test_one_view_to_steer_by_then_one_account_then_a_comparison(browser, address, width):
    """Without a script: all networks, one account, one's own words, a past month, a comparison."""
    context = browser.new_context(
        base_url=address, java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto("/recherche?q=Essai-sur-Onde")
    sentence = plain(page.locator(".lede").inner_text())
    assert all(name in sentence for name in ("Bluesky", "Mastodon", "Facebook non observé"))
    assert page.locator(".tiles li").count() == page.locator(".accounts li").count() == 4
    assert page.locator("figure").count() == 0
    cards = page.locator(".pair > .card").evaluate_all(
        "one => one.map(card => card.getBoundingClientRect().toJSON())"
    )
    assert (
        len({one["y"] for one in cards})
        == (1 if width > 500 else 2)
        == 3 - len({one["x"] for one in cards})
    )
    follow(page, page.get_by_role("button", name="Détaillée"))
    assert page.locator("figure").count() > 2
    follow(page, page.locator(".tiles a", has_text="Mastodon"))
    assert "compte=00101-mastodon" in page.url
    assert "Mastodon" in page.locator("#compte").inner_text()
    assert page.locator(".tiles [aria-current]").inner_text().startswith("Mastodon")
    assert "À faire cette semaine" not in page.locator("main").inner_text()
    follow(page, page.get_by_role("button", name="C’est ma collectivité"))
    assert "À faire cette semaine" in page.locator("main").inner_text()
    assert "Essai-sur-Onde →" in _words_of(context, "/")
    follow(page, page.get_by_role("link", name="août 2026").first)
    past = plain(page.locator("main").inner_text())
    assert "cette semaine" not in past
    assert "jusqu’à aujourd’hui" not in past
    assert "Période électorale" not in past
    follow(page, page.get_by_role("link", name="Comparer Essai-sur-Onde →"))
    assert "communes de 7 500 à 9 999 habitants" in plain(page.locator(".lede").inner_text())
    scores = page.locator("tbody td[data-label=Score]").all_inner_texts()
    assert scores == sorted(scores, reverse=True)
    assert len(scores) > 10
    page.get_by_label("Ajouter à ma liste").fill("Brouillon-le-Grand")
    follow(page, page.get_by_role("button", name="Afficher"))
    assert "avec=00105" in page.url
    assert page.locator("tbody tr").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def _words_of(context, path):
    page = context.new_page()
    page.goto(path)
    words = plain(page.locator("main").inner_text())
    page.close()
    return words


@pytest.mark.proof
def test_a_figure_is_contested_by_keyboard_and_answered(page):
    page.goto("/territoires/00105?vue=detaillee")
    page.get_by_role("button", name="Contester ce chiffre").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("conteste="))
    assert page.locator("#contester .tag.bad").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator("#contester summary").click()
    found = faults(page, "contested")
    form, headers = {"qui": "exploitation"}, {"sec-fetch-site": "same-origin"}
    page.request.post("/entrer/comme", form=form, headers=headers, max_redirects=0)
    page.goto("/contestations")
    found += faults(page, "desk")
    page.locator("textarea").fill("Relevé refait : le chiffre est le bon.")
    page.get_by_role("button", name="Publier la réponse").click()
    page.wait_for_url(re.compile("/contestations/00105-"))
    found += faults(page, "history")
    assert page.locator("blockquote").inner_text() == "Relevé refait\u00a0: le chiffre est le bon."
    assert not found, "\n".join(found)


def test_the_figures_of_a_chart_open_by_keyboard(page):
    page.goto("/territoires/00101?vue=detaillee")
    summary = page.locator("#score_history summary")
    summary.focus()
    page.keyboard.press("Enter")
    table = page.locator("#score_history table")
    assert table.is_visible()
    assert "octobre 2026" in table.inner_text()


@pytest.mark.parametrize("path", ["/palmares?reseau=bluesky", "/comparer/00101?reseau=bluesky"])
def test_a_list_on_a_telephone_is_two_figures_a_line_and_cuts_none(visitor, path):
    visitor.set_viewport_size({"width": 375, "height": 800})
    visitor.goto(path)
    cells = visitor.locator("tbody tr:not(.band)").first.locator("td")
    # Both at once: what is loaded above, a curve say, may move the list between two questions.
    tops = cells.evaluate_all("one => one.slice(0, 2).map(cell => cell.getBoundingClientRect().y)")
    assert tops[0] == tops[1]
    cut = "one => one.filter(cell => cell.scrollWidth > cell.clientWidth + 1).length"
    assert visitor.locator("tbody td").evaluate_all(cut) == 0
    assert visitor.locator(".cards thead a:visible").count() == 0


def test_filters_are_an_address(browser, address):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/palmares")
    page.locator("[name=categorie]").select_option("metropoles")
    follow(page, page.get_by_role("button", name="Afficher"))
    assert "categorie=metropoles" in page.url
    shown = page.url
    names = page.locator("tbody th").all_inner_texts()
    page.goto(shown)
    assert page.locator("tbody th").all_inner_texts() == names
    context.close()


@pytest.mark.parametrize(
    ("width", "field"), [pytest.param(1280, "#cherche", marks=pytest.mark.proof), (375, "#q")]
)
def test_a_territory_is_proposed_while_one_types(browser, address, width, field):
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto("/palmares" if field == "#cherche" else "/")
    page.locator(field).press_sequentially("essai s")
    proposed = page.get_by_role("listbox", name="Propositions").get_by_role("option")
    proposed.first.wait_for()
    assert "habitants" in proposed.first.inner_text()
    assert faults(page, "propositions") == []
    page.keyboard.press("Escape")
    assert proposed.count() == 0
    page.locator(field).press_sequentially("ur")
    proposed.first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator('[aria-selected="true"]').count() == 1
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/territoires/00101")
    context.close()


def test_without_a_script_everything_still_works(browser, address):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Votre commune").fill("Lens")
    follow(page, page.get_by_role("button", name="Chercher"))
    follow(page, page.get_by_role("link", name="Lens (Pas-de-Calais)", exact=True))
    assert "Mesures : aucune" in plain(page.locator("main").inner_text())
    follow(page, page.get_by_role("link", name="Voir une commune semblable →"))
    follow(page, page.get_by_role("button", name="Détaillée"))
    page.locator(".chart img").nth(4).wait_for(state="attached")
    follow(page, page.get_by_role("link", name="Vérifier ce score"))
    assert "Recalculé à l’instant" in page.locator("main").inner_text()
    context.close()


@pytest.mark.proof
def test_a_watch_from_form_to_alert(browser, address, figures, store):
    some_texts(figures)
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    follow(page, page.get_by_role("button", name="l’astreinte"))
    follow(page, page.get_by_role("link", name="Créer une veille"))
    page.get_by_label("Nom de la veille").fill(TYPED["name"])
    page.get_by_label("Finalité").fill(TYPED["purpose"])
    page.get_by_label("Un de ces mots").fill(TYPED["any"])
    assert page.get_by_label("Et tous ceux-ci").input_value() == "Essai-sur-Onde"
    page.get_by_label("Et tous ceux-ci").fill("")
    page.get_by_label("Et aucun de ceux-là").fill(TYPED["none"])
    page.get_by_label("Qui prévenir").fill(TYPED["recipients"])
    follow(page, page.get_by_role("button", name="Aperçu sur 7 jours"))
    assert "vous aurait écrit 3" in page.get_by_role("status").inner_text()
    follow(page, page.get_by_role("button", name="Créer la veille"))
    assert "attend sa confirmation" in page.locator("main").inner_text()
    watch = page.url.split("?")[0].rsplit("/", 1)[1]
    an_alert(figures, watch)
    page.reload()
    assert "d’habitude 1" in page.locator("main").inner_text()
    context.close()
    context = browser.new_context(base_url=address, extra_http_headers=BEARER)
    page = context.new_page()
    page.goto(f"/veilles/{watch}")
    assert faults(page, "the watch") == []
    context.close()


def test_the_mark_survives_a_crop(page):
    """The word is written every 130 px over the whole of each picture, and behind each page."""
    page.goto("/territoires/00101?vue=detaillee")
    assert "SIMULATION" in page.evaluate("getComputedStyle(document.body).backgroundImage")
    pictures = page.evaluate("[...document.querySelectorAll('.chart img')].map(one => one.src)")
    assert len(pictures) == 5
    for address in pictures:
        page.goto(address)
        mark = page.evaluate(
            """() => ({
                pattern: document.querySelector('pattern text').textContent,
                covers: document.querySelector('rect.simulation').getAttribute('width'),
                tile: Number(document.querySelector('pattern').getAttribute('width')),
            })"""
        )
        assert mark == {"pattern": "SIMULATION", "covers": "100%", "tile": 130}


def test_dark_screens_turn_the_colours_of_pictures(browser, address):
    colours: dict[str, str] = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(base_url=address, color_scheme=scheme)
        page = context.new_page()
        page.goto("/graphiques/score_history/00101-bluesky.svg?periode=2026-10")
        colours[scheme] = page.evaluate("getComputedStyle(document.querySelector('text')).fill")
        context.close()
    assert colours["light"] != colours["dark"]


@pytest.mark.parametrize("code", ["00101", "00103", "00105", "00230", "000000001"])
@pytest.mark.parametrize("asked", ["", "?rang=non&reussite=" + "mots " * 60])
def test_the_page_of_the_month_is_one_sheet(page, code, asked):
    """Both its sides: figures and remarks, then what may be answered."""
    page.goto(f"/rapports/mensuel/{code}{asked}")
    sides = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
    assert len(sides) == 2
