"""Attacks on signing in and on sessions: each is refused by the one defence named beside it.

Taking the defence away makes its row fail.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from libs.clock import SteppedClock
from libs.sealing import Seal
from libs.settings import Settings
from services.api.app import build
from services.api.entering.addresses import key_of, mailbox_of
from services.api.store.agents.entitled import EVERYWHERE, Entitled
from services.api.store.models import MessageRow, SessionRow, SignInLinkRow
from tests.api.conftest import OPERATOR, SIMULATION, new_store
from tests.api.store.test_store_watches import DRAFT
from tests.api.world import NOW

MAILBOX = "anne@essai-sur-onde.example"
COOKIE, ASKING = "session", "demande"
OURS = {"origin": "http://portail.example"}
EVIL = "https://evil.example"
KEY = "k" * 32
PUBLIC_KEY = key_of(SIMULATION) or ""
"""Of a simulation, where everything is made up."""
LIVE = Settings(installation="live", operator_token=OPERATOR, agents_key=KEY)


class Place:
    """The portal of one installation, and browsers at it; its clock is moved by hand."""

    def __init__(self, settings: Settings, places: object, figures: object) -> None:
        self.moment = NOW
        sealed = Seal(settings.tokens_public_key, "token")
        self.store = new_store(lambda: self.moment, settings.installation, sealed)
        self.settings = settings
        self._figures, self._places = figures, places
        self._opened: list[httpx.AsyncClient] = []
        self.restart()

    def restart(self, **changed: str) -> None:
        """Start the portal, for browsers opened from now on, with other settings."""
        hosts = {"allowed_hosts": ("portail.example",)}
        self.app = build(
            self.settings.model_copy(update=hosts | changed),
            figures=self._figures,
            places=self._places,
            clock=SteppedClock(NOW),
            store=self.store,
        ).app

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        made = httpx.AsyncClient(
            transport=transport, base_url="http://portail.example", headers=OURS
        )
        self._opened.append(made)
        return made

    async def close(self) -> None:
        for one in self._opened:
            await one.aclose()
        self.store.close()

    def mails(self) -> list[MessageRow]:
        with self.store.database.reading() as session:
            kept = select(MessageRow).where(MessageRow.kind == "sign_in")
            return list(session.scalars(kept))

    def rows(self, of: type[SessionRow] | type[SignInLinkRow]) -> list[object]:
        with self.store.database.reading() as session:
            return list(session.scalars(select(of)))

    async def link(self, browser: httpx.AsyncClient, mailbox: str = MAILBOX, **more: str) -> str:
        """Ask for a link, and return the path that is mailed."""
        answer = await browser.post("/entrer", data={"adresse": mailbox, **more})
        assert answer.status_code == 200, answer.text
        return re.findall(r"http://[^/]+(/entrer/lien/\S+)", self.mails()[-1].text)[-1]

    async def entered(self, mailbox: str = MAILBOX) -> httpx.AsyncClient:
        """A browser that came in by the mail."""
        browser = self.browser()
        answer = await browser.post(await self.link(browser, mailbox))
        assert answer.status_code == 303, answer.text
        return browser


@pytest.fixture
async def place(places, figures) -> AsyncIterator[Place]:
    made = Place(SIMULATION, places, figures)
    yield made
    await made.close()


@pytest.fixture
async def live(places, figures) -> AsyncIterator[Place]:
    made = Place(LIVE, places, figures)
    yield made
    await made.close()


async def inside(browser: httpx.AsyncClient) -> bool:
    """Whether a browser has a session."""
    return (await browser.get("/mes-sessions")).status_code == 200


# Links: single use, fifteen minutes, keyed, and of the browser that asked.


async def replayed(place: Place) -> int:
    browser = place.browser()
    link = await place.link(browser)
    asking = browser.cookies[ASKING]
    assert (await browser.post(link)).status_code == 303
    browser.cookies.set(ASKING, asking)
    return (await browser.post(link)).status_code


async def forwarded(place: Place) -> int:
    return (await place.browser().post(await place.link(place.browser()))).status_code


async def forwarded_to_who_asked_too(place: Place) -> int:
    """A victim who has just asked for her own link is led into somebody else's session."""
    victim = place.browser()
    await place.link(victim, "zoe@villemaquette.example")
    return (await victim.post(await place.link(place.browser()))).status_code


async def late(place: Place) -> int:
    browser = place.browser()
    link = await place.link(browser)
    place.moment += timedelta(minutes=15, seconds=1)
    return (await browser.post(link)).status_code


async def guessed(place: Place) -> int:
    browser = place.browser()
    await place.link(browser)
    return (await browser.post("/entrer/lien/" + "A" * 43)).status_code


async def altered(place: Place) -> int:
    browser = place.browser()
    link = await place.link(browser)
    return (await browser.post(link[:-1] + ("A" if link[-1] != "A" else "B"))).status_code


async def hash_from_a_stolen_database(place: Place) -> int:
    browser = place.browser()
    await place.link(browser)
    (row,) = place.rows(SignInLinkRow)
    return (await browser.post(f"/entrer/lien/{row.token_key}")).status_code


async def scanner_that_presses_buttons(place: Place) -> int:
    browser = place.browser()
    link = await place.link(browser)
    scanner = (await place.browser().post(link)).status_code
    assert (await browser.post(link)).status_code == 303
    return scanner


async def older_link_after_a_newer_one_was_used(place: Place) -> int:
    browser = place.browser()
    first = await place.link(browser)
    await browser.post(await place.link(browser))
    return (await browser.post(first)).status_code


LINKS: list[tuple[Callable[[Place], Awaitable[int]], int]] = [
    (replayed, 410),
    (forwarded, 403),
    (forwarded_to_who_asked_too, 403),
    (late, 410),
    (guessed, 404),
    (altered, 404),
    (hash_from_a_stolen_database, 404),
    (scanner_that_presses_buttons, 403),
    (older_link_after_a_newer_one_was_used, 403),
]


@pytest.mark.parametrize(("attack", "status"), LINKS, ids=lambda one: getattr(one, "__name__", ""))
async def test_a_link_opens_nothing_more(place, attack, status):
    assert await attack(place) == status
    assert len(place.rows(SessionRow)) <= 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_scanner_that_follows_links_uses_none(place, method):
    browser = place.browser()
    link = await place.link(browser)
    for _ in range(3):
        await place.browser().request(method, link)
        await browser.request(method, link)
    assert place.rows(SessionRow) == []
    assert (await browser.post(link)).status_code == 303


async def test_links_are_not_tried_one_after_another(place):
    browser = place.browser()
    with capture_logs() as noted:
        answers = [(await browser.post(f"/entrer/lien/{n:043}")).status_code for n in range(30)]
    assert answers == [404] * 20 + [429] * 10
    assert "throttled" in [line["event"] for line in noted]


# Sessions: their secret is never chosen by others, and ends when it ends.


async def test_the_secret_of_a_session_is_never_one_that_was_there_before(place):
    """Fixation: a cookie set by somebody else stays nobody's; each sign-in has a new secret."""
    browser = place.browser()
    browser.cookies.set(COOKIE, "planted", domain="portail.example")
    await browser.post(await place.link(browser))
    first = httpx.Cookies(browser.cookies)
    secrets = {one.value for one in browser.cookies.jar if one.name == COOKIE}
    assert "planted" not in secrets
    await browser.post(await place.link(browser))
    assert {one.value for one in browser.cookies.jar if one.name == COOKIE}.isdisjoint(secrets)
    thief = place.browser()
    thief.cookies = first
    assert not await inside(thief)
    assert len(place.rows(SessionRow)) == 1


@pytest.mark.parametrize("way_out", ["/sortir", "/mes-sessions/fin", "/mes-sessions/{own}/fin"])
async def test_a_stolen_cookie_is_worth_nothing_after_the_way_out(place, way_out):
    browser, thief = await place.entered(), place.browser()
    thief.cookies = httpx.Cookies(browser.cookies)
    assert await inside(thief)
    (row,) = place.rows(SessionRow)
    assert (await browser.post(way_out.format(own=row.id))).status_code == 303
    assert not await inside(thief)
    assert not await inside(browser)


@pytest.mark.parametrize(("days", "still"), [(29, True), (31, False)])
async def test_a_session_ends_when_it_is_idle(place, days, still):
    browser = await place.entered()
    place.moment += timedelta(days=days)
    assert await inside(browser) is still
    place.moment += timedelta(days=2)
    assert await inside(browser) is still


@pytest.mark.parametrize("given", ["token_key", "id", "agent"])
async def test_what_a_stolen_database_says_opens_no_session(place, given):
    await place.entered()
    (row,) = place.rows(SessionRow)
    thief = place.browser()
    thief.cookies.set(COOKIE, getattr(row, given), domain="portail.example")
    assert not await inside(thief)


async def test_nobody_ends_the_session_of_another(place):
    browser = await place.entered()
    (row,) = place.rows(SessionRow)
    other = await place.entered("zoe@villemaquette.example")
    await other.post(f"/mes-sessions/{row.id}/fin")
    assert await inside(browser)


async def test_a_session_is_taken_from_the_cookie_alone(place):
    browser = await place.entered()
    secret = browser.cookies[COOKIE]
    answer = await place.browser().get(
        f"/mes-sessions?session={secret}", headers={"authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 303


async def test_who_is_refused_loses_everything_at_once(place):
    """Rights are looked up at each request: no session outlives them."""
    browser = await place.entered()
    watch = place.store.watches.create(DRAFT.model_copy(update={"territory": "00101"}), ())
    assert (await browser.get(f"/veilles/{watch.watch}")).status_code == 200
    (row,) = place.rows(SignInLinkRow)
    found = mailbox_of(PUBLIC_KEY, MAILBOX)
    assert found is not None
    assert found[0].key == row.address_key
    place.store.entitled.grant(found[0], "00101", "none")
    assert (await browser.get(f"/veilles/{watch.watch}")).status_code == 404
    before = len(place.mails())
    await place.browser().post("/entrer", data={"adresse": MAILBOX})
    assert len(place.mails()) == before


@pytest.mark.parametrize("typed", ["", "pas-une-adresse"])
async def test_what_is_no_address_is_asked_again_with_what_was_typed(place, typed):
    answer = await place.browser().post("/entrer", data={"adresse": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert 'id="faute"' in answer.text


@pytest.mark.parametrize(
    ("portal", "name", "more"),
    [
        ("http://127.0.0.1:8000", "session", set()),
        ("https://observatoire.example", "__Host-session", {"secure"}),
    ],
)
async def test_no_script_nor_other_site_has_the_cookie(places, figures, portal, name, more):
    made = Place(SIMULATION.model_copy(update={"portal_url": portal}), places, figures)
    answer = await made.browser().post("/entrer/comme", data={"qui": "astreinte"})
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", *more} <= parts
    assert not any(part.startswith("domain") for part in parts)
    await made.close()


# Other sites: forms, and where we lead to.

ACTS = ("/entrer", "/entrer/comme", "/entrer/operateur", "/sortir", "/mes-sessions/fin",
        "/mes-sessions/x/fin", "/veilles/nouvelle", "/api/v1/watches")  # fmt: skip
ELSEWHERE = (
    {"origin": EVIL},
    {"origin": "null"},
    {"origin": "http://portail.example", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", ACTS)
async def test_a_form_of_another_site_does_nothing(place, path, headers):
    browser = await place.entered()
    del browser.headers["origin"]
    answer = await browser.post(path, data={"adresse": MAILBOX}, headers=headers)
    assert answer.status_code == 403
    assert len(place.rows(SessionRow)) == len(place.mails()) == 1


@pytest.mark.parametrize("path", ACTS)
async def test_what_comes_with_a_session_says_where_from(place, path):
    """A browser too old for Fetch Metadata and Origin sends cookies all the same."""
    browser = await place.entered()
    del browser.headers["origin"]
    assert (await browser.post(path, data={"adresse": MAILBOX})).status_code == 403


async def test_another_site_reads_nothing_with_the_cookie(place):
    browser = await place.entered()
    answer = await browser.get("/api/v1/watches", headers={"origin": EVIL})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example",
     "javascript:alert(1)", "\\\\evil.example", "evil.example", "/\n/evil.example"],
)  # fmt: skip
async def test_the_way_in_leads_to_no_other_site(place, onward):
    browser = place.browser()
    link = await place.link(browser, vers=onward)
    assert "evil" not in place.mails()[-1].text + place.mails()[-1].html
    for path in ("/entrer", link):
        page = await browser.get(path, params={"vers": onward})
        assert "evil" not in page.text
    answer = await browser.post(link, data={"vers": onward})
    assert answer.headers["location"] == "/territoires/00101"


async def test_the_way_in_leads_on_to_a_page_of_ours(place):
    browser = place.browser()
    asked = await browser.get("/veilles?territoire=00101")
    onward = httpx.URL(asked.headers["location"]).params["vers"]
    link = await place.link(browser, vers=onward)
    assert onward in (await browser.get(link)).text
    assert (await browser.post(link, data={"vers": onward})).headers["location"] == onward


@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-host": "evil.example"}, {"forwarded": "host=evil.example"},
     {"host": "localhost:9999"}, {"x-original-url": "/evil.example"}],
)  # fmt: skip
async def test_links_lead_to_the_portal_whatever_host_is_said(place, headers):
    if "host" in headers:  # a page of that very host
        headers = headers | {"origin": "http://localhost:9999"}
    answer = await place.browser().post("/entrer", data={"adresse": MAILBOX}, headers=headers)
    assert answer.status_code == 200
    (mail,) = place.mails()
    assert re.findall(r"https?://[^/]+", mail.text) == [SIMULATION.portal_url]


async def test_a_host_that_is_not_ours_is_asked_for_nothing(place):
    answer = await place.browser().post(
        "/entrer", data={"adresse": MAILBOX}, headers={"host": "evil.example"}
    )
    assert (answer.status_code, place.mails()) == (421, [])


# Who has an account here: nobody learns it, and nobody is drowned in mails.


async def test_the_answer_is_the_same_whatever_the_address(place):
    answers = []
    for mailbox in (MAILBOX, "anne@nulle-part.example", "anne@gmail.com", "x@impots.gouv.fr"):
        answer = await place.browser().post("/entrer", data={"adresse": mailbox})
        cookie = re.sub("=[^;]+", "=…", answer.headers["set-cookie"], count=1)
        kept = {k: v for k, v in answer.headers.items() if k != "set-cookie"}
        answers.append((answer.status_code, answer.content, cookie, kept))
    assert all(one == answers[0] for one in answers)
    assert [mail.recipient for mail in place.mails()] == [
        f"mailto:{MAILBOX}",
        "mailto:x@impots.gouv.fr",
    ]


async def test_the_time_of_the_answer_says_nothing(place, monkeypatch):
    """Whatever it takes to know the address, or to mail, comes after the answer."""

    def fails(*_: object) -> None:
        raise RuntimeError("looked up before the answer")

    monkeypatch.setattr(place.store.entitled, "roles", fails)
    with capture_logs() as noted:
        answer = await place.browser().post("/entrer", data={"adresse": MAILBOX})
    assert answer.status_code == 200
    assert [line["event"] for line in noted] == ["no link could be mailed"]


@pytest.mark.parametrize(
    ("variants", "permitted"),
    [
        ([MAILBOX, MAILBOX.upper(), f" {MAILBOX} ", "Anne@Essai-sur-Onde.example"] * 2, 5),
        ([f"a{n}@essai-sur-onde.example" for n in range(35)], 30),
        (["nobody@nulle-part.example"] * 8, 5),
    ],
    ids=["one address", "one place", "an address that is nobody's"],
)
async def test_nobody_is_drowned_in_mails(place, variants, permitted):
    browser = place.browser()
    with capture_logs() as noted:
        got = [
            (await browser.post("/entrer", data={"adresse": one})).status_code for one in variants
        ]
    assert got == [200] * permitted + [429] * (len(variants) - permitted)
    assert len(place.mails()) == (permitted if "nobody" not in variants[0] else 0)
    assert [line["event"] for line in noted].count("throttled") == 1
    assert "essai-sur-onde" not in str([line for line in noted if line["event"] == "throttled"])


@pytest.mark.parametrize(
    "typed",
    [f"{MAILBOX}\r\nBcc: x@evil.example", f"{MAILBOX},x@evil.example", f"x@evil.example {MAILBOX}",
     f"<{MAILBOX}>", "@essai-sur-onde.example", f"{MAILBOX}\0", "slack://T/B/X", "mailto:"],
)  # fmt: skip
async def test_what_is_no_single_address_is_mailed_nothing(place, typed):
    answer = await place.browser().post("/entrer", data={"adresse": typed})
    assert (answer.status_code, place.mails()) == (422, [])


@pytest.mark.parametrize(
    "mailbox",
    ["a@essai-sur-onde.example.evil.com", "a@xessai-sur-onde.example",
     "a@sub.essai-sur-onde.example", "a@gouv.fr.evil.com", "a@xgouv.fr", "a@gouv-fr.com",
     "a@example"],
)  # fmt: skip
async def test_a_domain_that_looks_like_another_is_another(place, mailbox):
    await place.browser().post("/entrer", data={"adresse": mailbox})
    assert place.mails() == []


# Live: nothing of the demonstration, and only who is entitled.


async def test_live_nobody_enters_as_somebody(live):
    browser = live.browser()
    for data in ({"qui": "astreinte"}, {"qui": "exploitation"}):
        assert (await browser.post("/entrer/comme", data=data)).status_code == 404
    await browser.post("/entrer", data={"adresse": MAILBOX})
    assert (live.mails(), live.rows(SessionRow)) == ([], [])


async def test_live_the_token_of_the_operator_opens_a_session_of_the_team(live):
    browser = live.browser()
    assert (await browser.post("/entrer/operateur")).status_code == 401
    bearer = {"authorization": f"Bearer {OPERATOR}"}
    assert (await browser.post("/entrer/operateur", headers=bearer)).status_code == 303
    assert (await browser.get("/contestations")).status_code == 200
    assert (await browser.get("/veilles")).status_code == 200


async def test_a_session_of_the_team_ends_with_the_token_that_opened_it(live):
    bearer = {"authorization": f"Bearer {OPERATOR}"}
    first = live.browser()
    await first.post("/entrer/operateur", headers=bearer)
    live.restart(operator_token="another token of the operator")
    changed = live.browser()
    changed.cookies = first.cookies
    assert (await changed.get("/contestations")).status_code == 401
    assert (await changed.get("/exploitation")).status_code == 401
    bearer = {"authorization": "Bearer another token of the operator"}
    await live.browser().post("/entrer/operateur", headers=bearer)
    assert (await changed.get("/contestations")).status_code == 401
    live.restart()
    again = live.browser()
    again.cookies = first.cookies
    assert (await again.get("/contestations")).status_code == 200


@pytest.mark.parametrize(
    ("mailbox", "lands"),
    [
        ("mairie@ville-lens.fr", "/territoires/62498"),
        ("claude@ville-lens.fr", "/territoires/62498"),
        ("secretaire@deux-villages.fr", "/entrer/collectivites"),
        ("prefecture@pas-de-calais.gouv.fr", "/entrer/collectivites"),
        ("agent@syndicat.fr", "/territoires/62498"),
        ("autre@deux-villages.fr", None),
        ("x@orange.fr", None),
        ("mairie@orange.fr", "/territoires/62001"),
    ],
)
async def test_live_only_who_is_entitled_enters(live, mailbox, lands):
    def key(one: str) -> str:
        found = mailbox_of(KEY, one)
        assert found is not None
        return found[0].key

    live.store.entitled.replace(
        [
            Entitled("address", key("mairie@ville-lens.fr"), "62498"),
            Entitled("domain", "ville-lens.fr", "62498"),
            Entitled("address", key("mairie@orange.fr"), "62001"),
            Entitled("address", key("secretaire@deux-villages.fr"), "62002"),
            Entitled("address", key("secretaire@deux-villages.fr"), "62003"),
            Entitled("domain", "deux-villages.fr", "62002"),
            Entitled("domain", "deux-villages.fr", "62003"),
        ]
    )
    live.store.entitled.approve("syndicat.fr", "62498")
    browser = live.browser()
    if lands is None:
        await browser.post("/entrer", data={"adresse": mailbox})
        assert live.mails() == []
        return
    answer = await browser.post(await live.link(browser, mailbox))
    assert answer.headers["location"] == lands
    kept = str([vars(one) for one in (*live.rows(SessionRow), *live.rows(SignInLinkRow))])
    assert mailbox not in kept
    assert await inside(browser)


@pytest.mark.parametrize(
    "path", ["/entrer", "/entrer/comme", "/entrer/operateur", "/entrer/lien/x"]
)
async def test_without_a_key_nobody_enters(places, figures, path):
    made = Place(LIVE.model_copy(update={"agents_key": None}), places, figures)
    bearer = {"authorization": f"Bearer {OPERATOR}"}
    data = {"adresse": MAILBOX, "qui": "astreinte"}
    answer = await made.browser().post(path, data=data, headers=bearer)
    assert answer.status_code in (403, 404)
    assert made.mails() == made.rows(SessionRow) == []
    await made.close()


async def test_a_member_of_the_team_is_granted_by_the_operator_alone(place):
    browser = await place.entered()
    found = mailbox_of(PUBLIC_KEY, MAILBOX)
    assert found is not None
    assert EVERYWHERE not in place.store.entitled.roles(found[0])
    other = place.store.watches.create(DRAFT.model_copy(update={"territory": "00104"}), ())
    assert (await browser.get(f"/veilles/{other.watch}")).status_code == 404


async def test_neither_log_nor_page_repeats_the_secret_of_a_link(place, monkeypatch):
    def fails(*_: object) -> None:
        raise RuntimeError("a bug")

    browser = place.browser()
    link = await place.link(browser)
    secret = link.rsplit("/", 1)[1]
    monkeypatch.setattr(place.store.sessions, "fault", fails)
    with capture_logs() as noted:
        failed = await browser.get(link)
    assert failed.status_code == 500
    assert secret not in failed.text + str([{**one, "exc_info": ""} for one in noted])
