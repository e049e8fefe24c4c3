"""From an address to one's territory, in a real browser: by the mail, by keyboard, and out."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Select, select

from services.api.store import Store
from services.api.store.models import MessageRow
from tests.deadlines import until_now
from tests.portal.test_browser import (
    WIDTHS,
    faults,
    follow,
    plain,
)
from tests.portal.test_browser import (
    address as address,
)
from tests.portal.test_browser import (
    browser as browser,
)
from tests.portal.test_browser import (
    figures as figures,
)
from tests.portal.test_browser import (
    store as store,
)

pytestmark = pytest.mark.browser

MAILBOX = "anne@essai-sur-onde.example"


PLACE = "000000001"
PAGES = (
    "/mes-sessions",
    "/entrer/collectivites",
    "/mes-jetons",
    "/rejoindre?q=essai-sur-onde",
    f"/equipe/{PLACE}",
    f"/journal/{PLACE}",
    f"/equipe/{PLACE}/comptes",
    f"/equipe/{PLACE}/elections",
    f"/equipe/{PLACE}/contexte",
    f"/equipe/{PLACE}/lundi",
    f"/equipe/{PLACE}/communes",
    f"/equipe/{PLACE}/reperes",
)
"""What agents see of who they are, and who is with them."""

DESK = (
    "/bureau/demandes",
    "/bureau/droits",
    "/bureau/comptes",
    "/bureau/publication",
    "/bureau/collecte",
    "/bureau/versions?collectivite=00101",
    "/bureau/journal",
)
"""What the observatory's team sees."""


def administer(context: BrowserContext, who: str = "metropole") -> None:
    """Sign in as who administers the métropole, or as somebody else by their door."""
    form, headers = {"qui": who}, {"sec-fetch-site": "same-origin"}
    context.request.post("/entrer/comme", form=form, headers=headers, max_redirects=0)


def link_mailed(store: Store, to: str = MAILBOX) -> str:
    """The path of the last link that was mailed to an address."""
    with store.database.reading() as session:
        mails = session.scalars(mails_to(to)).all()
    return re.findall(r"http://[^/]+(/entrer/lien/\S+)", mails[-1].text)[-1]


def mails_to(mailbox: str) -> Select[tuple[MessageRow]]:
    return select(MessageRow).where(MessageRow.recipient == f"mailto:{mailbox}")


def ask(page: Page, store: Store, mailbox: str = MAILBOX) -> str:
    """Ask for a link, by keyboard, and return it once it is mailed: after the answer."""
    with store.database.reading() as session:
        before = len(session.scalars(mails_to(mailbox)).all())

    def mailed() -> bool:
        with store.database.reading() as session:
            return len(session.scalars(mails_to(mailbox)).all()) > before

    page.goto("/")
    follow(page, page.get_by_role("link", name="Entrer", exact=True))
    page.get_by_label("Adresse professionnelle").focus()
    page.keyboard.type(mailbox)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    until_now(mailed)
    return link_mailed(store, mailbox)


@WIDTHS
def test_an_agent_enters_by_the_mail_and_leaves(browser: Browser, address, store, width):
    """Without a script: the link, the button, « ma collectivité », the sessions, the way out."""
    context = browser.new_context(
        base_url=address, java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    page.goto(ask(page, store))
    assert page.get_by_role("link", name="Entrer", exact=True).is_visible()
    page.get_by_role("button", name="Entrer").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/territoires/00101")
    menu = page.get_by_role("navigation", name="Principale")
    assert menu.get_by_role("link", name="Essai-sur-Onde").is_visible()
    assert "À faire cette semaine" in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    follow(page, menu.get_by_role("link", name="Veille"))
    assert page.url.endswith("/veilles")
    follow(page, page.get_by_role("link", name="Mes sessions, sortir"))
    assert "celui-ci" in page.locator("main").inner_text()
    assert "rédaction" in page.locator("main").inner_text()
    assert MAILBOX not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    follow(page, page.get_by_role("button", name="Sortir", exact=True))
    assert menu.get_by_role("link", name="Entrer", exact=True).is_visible()
    page.goto("/veilles")
    assert "/entrer?vers=" in page.url
    context.close()


def test_a_link_opens_once_and_only_where_it_was_asked(browser: Browser, address, store):
    mine, other = (browser.new_context(base_url=address) for _ in range(2))
    page, elsewhere = mine.new_page(), other.new_page()
    link = ask(page, store)
    assert elsewhere.goto(link).status == 403
    assert "navigateur" in plain(elsewhere.locator(".lede").inner_text())
    assert page.goto(link).status == 200
    follow(page, page.get_by_role("button", name="Entrer"))
    assert page.goto(link).status == 410
    assert page.get_by_role("button", name="Entrer").count() == 0
    mine.close()
    other.close()


@pytest.mark.proof
def test_pages_of_entering_are_accessible(browser: Browser, address, store):
    found: list[str] = []
    for scheme in ("light", "dark"):
        context = browser.new_context(base_url=address, color_scheme=scheme)
        page = context.new_page()
        page.goto("/entrer")
        found += faults(page, "enter")
        link = ask(page, store)
        found += faults(page, "asked")
        page.goto(link)
        found += faults(page, "link")
        follow(page, page.get_by_role("button", name="Entrer"))
        administer(context)
        for path in (*PAGES, "/veilles", "/", *DESK):
            if path == DESK[0]:
                administer(context, "exploitation")
            page.goto(path)
            assert "/entrer?" not in page.url
            found += faults(page, path)
            for width in (375, 320):
                page.set_viewport_size({"width": width, "height": 800})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append(f"{path}: too wide on {width}")
        context.close()
    assert not found, "\n".join(found)


@pytest.mark.proof
def test_the_doors_of_the_demonstration_sign_in(browser: Browser, address):
    """Preview without a session; keeping it asks to enter; then by a door, by keyboard."""
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/veilles/nouvelle")
    page.get_by_label("Nom de la veille").fill("Eau")
    page.get_by_label("Finalité").fill("Prévenir l’astreinte")
    page.get_by_label("Un de ces mots").fill("coupure d’eau")
    follow(page, page.get_by_role("button", name="Aperçu sur 7 jours"))
    assert page.get_by_role("status").is_visible()
    follow(page, page.get_by_role("button", name="Créer la veille"))
    assert page.get_by_role("alert").is_visible()
    follow(page, page.get_by_role("link", name="entrez comme"))
    page.get_by_role("button", name="l’astreinte").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/veilles")
    menu = page.get_by_role("navigation", name="Principale")
    assert menu.get_by_role("link", name="Essai-sur-Onde").is_visible()
    context.close()


@WIDTHS
def test_a_colleague_is_invited_asks_for_more_and_makes_a_token(
    browser: Browser, address, store, width
):
    """By keyboard and without a script: from « Mes sessions » to the team, a mail, a token."""
    context = browser.new_context(
        base_url=address, java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()
    administer(context)
    page.goto("/mes-sessions")
    follow(page, page.get_by_role("link", name="L’équipe de Clairmesure"))
    colleague = f"luc{width}@syndicat.example"
    page.get_by_label("Adresse professionnelle").focus()
    page.keyboard.type(colleague)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "l…@syndicat.example" in page.locator("main").inner_text()
    with store.database.reading() as session:
        (mail,) = session.scalars(mails_to(colleague)).all()
    assert (mail.kind, "Clairmesure" in mail.subject) == ("invited", True)
    follow(page, page.get_by_role("link", name="Qui a changé quoi"))
    assert "a donné un rôle" in page.locator("main").inner_text()
    page.goto("/mes-jetons")
    page.get_by_label("À quoi il sert").fill("Tableau de bord")
    page.get_by_role("button", name="Créer le jeton").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    secret = page.locator("section code").first.inner_text()
    answer = context.request.get("/api/v1/watches", headers={"authorization": f"Bearer {secret}"})
    assert (secret[:4], answer.status) == ("obs_", 200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
