"""The five minutes of Monday: asked for by an agent, made once, left by the mail's own link."""

import asyncio
import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import httpx
import pytest
from sqlalchemy import select

from deploy.local.supervision.children import free_port
from libs.clock import SteppedClock
from libs.sealing import Seal
from services.alerts.channels.mailto import Mail as MailDriver
from services.alerts.delivery.channel import Outside
from services.api.app import build
from services.api.entering.addresses import INVENTED
from services.api.figures.queries import EngineUnavailable
from services.api.figures.views import ACCOUNT_POSTS, TERRITORY_ACCOUNTS
from services.api.pages.mondays.letter import letter
from services.api.pages.mondays.rounds import MondayRounds, due
from services.api.pages.mondays.said import Monday, Section, compose
from services.api.store.messages import message_event
from services.api.store.models import MessageRow
from tests.api.conftest import BEARER, SIMULATION, enter_as, new_store
from tests.api.world import every_account
from tests.chaos.mails import MailServer

TOWN = "00101"
PAGE = f"/equipe/{TOWN}/lundi"
ADDRESS = f"communication@essai-sur-onde.{INVENTED}"
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
"""8 h in Paris."""


@pytest.fixture
def store():
    held = new_store(lambda: MONDAY - timedelta(days=2))
    yield held
    held.close()


@pytest.fixture
def rounds(figures, places, store):
    return MondayRounds(installation(figures, places, store, MONDAY + timedelta(minutes=1)))


def installation(figures, places, store, now):
    service = build(
        SIMULATION, figures=figures, places=places, clock=SteppedClock(now), store=store
    )
    return service.app.state.installation


def mails(store):
    with store.database.reading() as session:
        return list(session.scalars(select(MessageRow).where(MessageRow.kind == "monday")))


async def ask(visitor, who="communication", typed=ADDRESS):
    await enter_as(visitor, who)
    return await visitor.post(PAGE, data={"adresse": typed})


@pytest.mark.parametrize(
    ("now", "at"),
    [
        (MONDAY - timedelta(seconds=1), None),
        (MONDAY, MONDAY),
        (MONDAY + timedelta(hours=12), MONDAY),
        (MONDAY + timedelta(hours=12, seconds=1), None),
        (MONDAY + timedelta(days=1), None),
        (datetime(2026, 7, 6, 6, tzinfo=UTC), datetime(2026, 7, 6, 6, tzinfo=UTC)),
        (datetime(2026, 7, 6, 5, 59, tzinfo=UTC), None),
    ],
)
def test_it_is_due_on_mondays_at_eight_in_paris(now, at):
    assert due(now) == at


async def test_an_agent_asks_for_it_with_their_own_address(visitor, store):
    assert (await visitor.post(PAGE, data={"adresse": ADDRESS})).status_code == 401
    assert (await ask(visitor, typed="somebody@else.example")).status_code == 422
    assert (await visitor.get(PAGE)).text.count('name="adresse"') == 1
    assert (await ask(visitor)).status_code == 303
    assert 'name="adresse"' not in (await visitor.get(PAGE)).text
    (one,) = store.mondays.all(MONDAY)
    assert (one.address, one.territory) == (f"mailto:{ADDRESS}", TOWN)
    acts = [act.what for act in store.journal.acts(TOWN)]
    assert acts == ["settings.want"]
    assert (await visitor.post(f"{PAGE}/fin")).status_code == 303
    assert store.mondays.all(MONDAY) == []


async def test_the_operator_has_no_address_to_send_it_to(portal, store):
    answer = await portal.post(PAGE, data={"adresse": ADDRESS}, headers=BEARER)
    assert answer.status_code == 409


async def test_it_says_what_moved_the_best_post_one_act_and_one_lesson(visitor, rounds, store):
    await ask(visitor)
    assert await rounds.go() == 1
    (mail,) = mails(store)
    assert mail.recipient == f"mailto:{ADDRESS}"
    assert mail.subject.startswith("[SIMULATION] Essai-sur-Onde")
    html = re.sub(r"<style>.*?</style>", "", mail.html, flags=re.DOTALL)
    assert re.findall(r"<h2>(.*?)</h2>", html) == [
        "Ce qui a bougé", "La publication de la semaine", "Une chose à faire", "Une leçon",
    ]  # fmt: skip
    for body in (mail.text, html):
        said = body.replace("\u00a0", " ").replace("\u202f", " ")
        assert re.search(r"Bluesky \(essai-sur-onde\.example\) : \d\d,\d sur 100, entre", said)
        assert "Stable" in said or "Score en" in said
        assert re.search(r"\d,\d pour 100 abonnés", said)
        assert re.search(r"/apprendre/[a-z-]+", said)
        assert "http://" in said
        assert f"/publications/{TOWN}?compte=" in said
    assert "SIMULATION" in html
    assert "SIMULATION" in mail.text
    assert f"/lundi/{store.mondays.all(MONDAY)[0].id}/fin" in mail.leave


async def test_it_is_told_once_however_many_go_round(visitor, rounds, figures, places, store):
    await ask(visitor)
    others = [
        MondayRounds(installation(figures, places, store, MONDAY + timedelta(minutes=minute)))
        for minute in (2, 3)
    ]
    assert sum(await asyncio.gather(*(one.go() for one in (rounds, *others)))) == 1
    assert await rounds.go() == 0
    assert len(mails(store)) == 1


async def test_who_asks_on_a_monday_gets_the_next_one(visitor, figures, places, store):
    late = MondayRounds(installation(figures, places, store, MONDAY - timedelta(days=6, hours=23)))
    await ask(visitor)
    assert await late.go() == 0


async def test_it_waits_for_the_engine(visitor, rounds, figures, store):
    await ask(visitor)
    figures.failure = EngineUnavailable("away")
    assert await rounds.go() == 0
    assert mails(store) == []
    figures.failure = None
    assert await rounds.go() == 1


async def test_who_acts_for_the_territory_no_more_is_told_nothing(visitor, rounds, store):
    await ask(visitor)
    (one,) = store.mondays.all(MONDAY)
    store.entitled.grant(one.mailbox, TOWN, "none")
    assert await rounds.go() == 0
    assert store.mondays.all(MONDAY) == []


async def test_a_contest_is_not_the_best_post_nor_one_whose_reactions_are_unknown(
    rounds, figures, places
):
    post = {
        "post": "p", "address": "https://bsky.app/p", "published_at": MONDAY - timedelta(days=2),
        "kind": "image", "state": "present", "read_at": MONDAY, "readings": 3, "text_length": 9,
        "hashtags": [], "origin": "simulation", "topics": [], "engagement": 0.01,
        "interactions": 10, "text": "Le marché", "likes": 10, "comments": 0, "shares": 0,
        "quotes": 0, "views": None, "absent": {},
    }  # fmt: skip
    figures.given[ACCOUNT_POSTS.name] = [
        post,
        post | {"post": "q", "topics": ["contest"], "engagement": 0.9, "text": "Gagnez"},
        post | {"post": "r", "interactions": None, "engagement": None, "text": "Masqué"},
        post | {"post": "s", "state": "deleted", "engagement": 0.8, "text": "Retiré"},
        post | {"post": "t", "published_at": MONDAY - timedelta(days=8), "text": "Ancien"},
    ]
    figures.given[TERRITORY_ACCOUNTS.name] = [
        one for one in every_account() if one["account"] == f"{TOWN}-bluesky"
    ]
    said = await compose(rounds.here, places.get(TOWN), MONDAY)
    quoted = {one.quote for one in said.sections if one.quote}
    assert quoted == {"Le marché"}


async def test_a_real_town_of_a_demonstration_is_told_no_figure(rounds, places):
    said = await compose(rounds.here, places.get("62498"), MONDAY)
    assert [one.title for one in said.sections] == ["Une leçon"]


async def test_without_an_account_it_says_so(rounds, figures, places):
    figures.given[TERRITORY_ACCOUNTS.name] = []
    said = await compose(rounds.here, places.get(TOWN), MONDAY)
    assert f"/equipe/{TOWN}/comptes" in said.sections[0].links.values()


async def test_a_mail_program_leaves_by_the_header_of_the_mail(visitor, rounds, store):
    """By a real SMTP server: RFC 8058, two headers, a POST without a session."""
    await ask(visitor)
    await rounds.go()
    read = await arrived(mails(store)[0])
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = httpx.URL(read["List-Unsubscribe"].strip("<>"))
    visitor.cookies.clear()
    assert (await visitor.get(link.path)).status_code == 200
    assert len(store.mondays.all(MONDAY)) == 1, "scanners follow links"
    del visitor.headers["origin"]
    for _ in range(2):
        left = await visitor.post(link.path, data={"List-Unsubscribe": "One-Click"})
        assert left.status_code == 200, left.text
    assert store.mondays.all(MONDAY) == []
    assert (await visitor.get(link.path)).status_code == 404


async def arrived(row: MessageRow) -> EmailMessage:
    """Send a mail as the couriers do, and read what the server took."""
    server, port = MailServer(), free_port()
    await server.start(port)
    outside = Outside(
        httpx.AsyncClient(), "alertes@observatoire.example", {"mailto": f"smtp://127.0.0.1:{port}"}
    )
    channel = MailDriver(outside)
    event = message_event(row, "simulation", Seal())
    await channel.send(row.recipient, channel.ready_made(row.recipient, event))
    await channel.close()
    server.stop()
    (raw,) = next(iter(server.copies.values()))
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert {part.get_content_type() for part in read.walk()} >= {"text/plain", "text/html"}
    return read


def test_the_text_has_all_that_the_page_has(places):
    links = {"Là": "/x?a=1&b=2"}
    section = Section("Titre", ["Une <phrase>."], "Un & deux", "Ici", links)
    said = Monday(places.get(TOWN), MONDAY, [section])
    mail = letter("https://p.example/", said, "n", simulation=False)
    for words in ("TITRE", "Une <phrase>.", "Un & deux", "https://p.example/x?a=1&b=2"):
        assert words in mail.text
    for words in ("Une &lt;phrase&gt;.", "Un &amp; deux", "https://p.example/x?a=1&amp;b=2"):
        assert words in mail.html
    assert mail.leave == "https://p.example/lundi/n/fin"
