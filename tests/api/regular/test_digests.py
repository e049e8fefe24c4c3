"""Digests: one mail a person at the hour that they chose, which says what happened, and nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, select

from contracts.watches import Digest, Query, Recipient
from libs.clock import SteppedClock
from services.api.figures.queries import EngineUnavailable
from services.api.store import Mail, WatchDraft
from services.api.store.models import MessageRow
from services.api.watching.regular.rounds import Rounds
from services.api.watching.regular.slots import due
from tests.alerts.builders import watched
from tests.api.conftest import SIMULATION, client_of, named

DAILY = Digest(every="day", minute=480)
WEEKLY = Digest(every="week", minute=480)
ANNE, BRUNO = "mailto:anne@essai.example", "mailto:bruno@essai.example"
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""8 h in Paris."""


def told(**chosen):
    """A watch, by the addresses that it tells and what each chose."""
    return watched(
        watch=chosen.pop("watch", "w1"),
        timezone=chosen.pop("timezone", "Europe/Paris"),
        created_at=MONDAY - timedelta(days=60),
        recipients=tuple(
            Recipient(address=f"mailto:{name}@essai.example", confirmed=True, digest=digest)
            for name, digest in chosen.items()
        ),
    )


def moments(watches, now):
    return {
        (one.address, one.at): [(told.watch.watch, told.days) for told in one.watches]
        for one in due(watches, now)
    }


def test_a_person_gets_one_digest_for_all_their_watches():
    watches = [told(watch=f"w{number}", anne=DAILY, bruno=DAILY) for number in range(60)]
    found = due(watches, MONDAY)
    assert [one.address for one in found] == [ANNE, BRUNO]
    assert all(len(one.watches) == 60 for one in found)


@pytest.mark.parametrize(
    ("zone", "now", "at"),
    [
        ("Europe/Paris", MONDAY - timedelta(seconds=1), MONDAY - timedelta(days=1)),
        ("Europe/Paris", MONDAY, MONDAY),
        ("Europe/Paris", MONDAY + timedelta(hours=11), MONDAY),
        ("Indian/Reunion", MONDAY, MONDAY - timedelta(hours=3)),
        ("America/Martinique", MONDAY + timedelta(hours=5), MONDAY + timedelta(hours=5)),
    ],
)
def test_the_hour_is_that_of_the_territory(zone, now, at):
    late = now - at > timedelta(hours=12)
    found = [moment for _, moment in moments([told(timezone=zone, anne=DAILY)], now)]
    assert found == ([] if late else [at])


def test_the_hour_stays_through_the_change_of_time():
    for day, hour in ((24, 6), (25, 7)):  # of October 2026: summer, then winter
        now = datetime(2026, 10, day, 12, tzinfo=UTC)
        ((_, at),) = moments([told(anne=DAILY)], now)
        assert (at.day, at.hour) == (day, hour)


def test_a_weekly_one_comes_on_monday_with_the_daily_one():
    watches = [told(watch="w1", anne=DAILY), told(watch="w2", anne=WEEKLY, bruno=WEEKLY)]
    assert moments(watches, MONDAY) == {
        (ANNE, MONDAY): [("w1", 1), ("w2", 7)],
        (BRUNO, MONDAY): [("w2", 7)],
    }
    tuesday = MONDAY + timedelta(days=1)
    assert moments(watches, tuesday) == {(ANNE, tuesday): [("w1", 1)]}


def test_one_that_has_not_confirmed_or_is_paused_gets_none():
    one = told(anne=DAILY)
    unsure = one.recipients[0].model_copy(update={"confirmed": False})
    assert due([one.model_copy(update={"recipients": (unsure,)})], MONDAY) == []
    assert due([one.model_copy(update={"state": "paused"})], MONDAY) == []


TUESDAY = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    return SteppedClock(TUESDAY - timedelta(days=40))


@pytest.fixture
def rounds(store, figures, clock):
    place_of = {"00101": "Essai-sur-Onde"}.__getitem__
    return Rounds(store, figures, clock, place_of, "https://p.example", simulation=True)


def kept(store, name, digest, address=ANNE):
    """A watch in the store, that tells one address."""
    draft = WatchDraft(
        territory="00101", name=name, purpose="astreinte", query=Query(any=("coupure",))
    )
    tokens = []

    def invite(_watch, _address, token):
        tokens.append(token)
        return Mail("", "", "")

    made = store.watches.create(draft, (address,), invite)
    store.watches.confirm(tokens[0])
    store.receiving.choose(made.watch, address, digest=digest)
    with store.database.writing() as session:
        session.execute(delete(MessageRow))
    return made.watch


def mails(store):
    with store.database.reading() as session:
        return list(session.scalars(select(MessageRow)))


def text(number, said, at, **fields):
    return {
        "subject": f"m{number}", "subject_kind": "mention", "network": "bluesky",
        "address": f"https://bluesky.example/{number}", "source": "stream", "terms": ["coupure"],
        "published_at": at, "observed_at": at, "matched_at": at, "title": None, "excerpt": said,
        "state": "present", **fields,
    }  # fmt: skip


def hours_ago(hours):
    return TUESDAY - timedelta(hours=hours)


def alert(name, at, **fields):
    return {
        "alert": name, "kind": "match", "title": "Coupure · 8 messages", "why": "…", "total": 8,
        "usual": None, "window_minutes": None, "group": "g", "watch_revision": 1, "raised_at": at,
        "deliveries": [], **fields,
    }  # fmt: skip


async def test_it_says_what_happened(rounds, store, figures, clock):
    watch = kept(store, "Eau", DAILY)
    figures.watches[watch] = [
        text(1, "Plus d’eau depuis ce matin dans tout le quartier", hours_ago(2)),
        text(2, "PLUS D EAU depuis ce matin dans tout le quartier", hours_ago(2)),
        text(3, "Une coupure place du marché", hours_ago(3)),
        text(4, "La régie répond", hours_ago(4), network="rss",
             address="https://www.gazette.example/a", title="Coupure : la régie répond"),
        text(5, "Quatrième texte, moins utile", hours_ago(5)),
        text(6, "Publié avant-hier, lu hier", hours_ago(40), matched_at=hours_ago(20)),
        text(7, "Trop ancien", hours_ago(25)),
        *(text(10 + day, "D’autres jours", hours_ago(24 * day + 30)) for day in range(28)),
    ]  # fmt: skip
    figures.alerts[watch] = [alert("a1", hours_ago(2)), alert("a0", hours_ago(30))]
    figures.silences = [
        (watch, "quiet_hours", hours_ago(3)), (watch, "repeated", hours_ago(3)),
        (watch, "quiet_hours", hours_ago(30)),
    ]  # fmt: skip
    store.acknowledgements.note(watch, "a1", store.watches.get(watch).recipient_name(ANNE))
    clock.step_to(TUESDAY)
    assert await rounds.go() == 1
    (mail,) = mails(store)
    assert (mail.recipient, mail.kind) == (ANNE, "watch_digest")
    assert mail.subject.startswith("[SIMULATION] ")
    assert "6\u00a0textes, 1\u00a0alerte · Essai-sur-Onde" in mail.subject
    for body in (mail.text, mail.html):
        assert "6\u00a0textes en 24\u00a0h" in body
        assert "d’habitude 1,1, soit 5,6 fois plus" in body
        assert "× 2" in body
        assert body.index("Plus d’eau") < body.index("la régie répond") < body.index("Une coupure")
        assert "moins utile" not in body
        assert "Bluesky (5) et gazette.example (1)" in body
        assert "1 × heures calmes" in body
        assert "déjà vu" not in body
        assert body.count("Coupure · 8 messages") == 1
        assert "vue par a…@essai.example" in body
    assert "SIMULATION" in mail.html
    assert f"/veilles/{watch}/recapitulatif/fin?destinataire=" in mail.leave


async def test_nothing_is_said_with_a_proof_of_life(rounds, store, figures, clock):
    names = [kept(store, name, DAILY) for name in ("Eau", "Voirie")]
    figures.texts = [
        {"subject": "m", "network": "bluesky", "address": "https://b.example/1", "text": "…",
         "published_at": hours_ago(30)}
    ]  # fmt: skip
    clock.step_to(TUESDAY)
    assert await rounds.go() == 1
    (mail,) = mails(store)
    assert "Rien à signaler · 2\u00a0veilles" in mail.subject
    assert mail.text.count("1\u00a0texte d’habitants") == len(names)


async def test_it_is_made_once_whoever_makes_it(rounds, store, figures, clock):
    kept(store, "Eau", DAILY)
    clock.step_to(TUESDAY)
    other = replace(rounds)
    assert await rounds.go() + await other.go() == 1
    clock.step_to(TUESDAY + timedelta(hours=1))
    assert await rounds.go() == 0
    clock.step_to(TUESDAY + timedelta(days=1))
    assert await rounds.go() == 1


async def test_it_waits_for_the_engine(rounds, store, figures, clock):
    kept(store, "Eau", DAILY)
    clock.step_to(TUESDAY)
    figures.failure = EngineUnavailable("away")
    assert await rounds.go() == 0
    assert mails(store) == []
    figures.failure = None
    assert await rounds.go() == 1


async def test_one_made_late_counts_silences_of_its_own_day_alone(rounds, store, figures, clock):
    watch = kept(store, "Eau", DAILY)
    figures.watches[watch] = [text(1, "Une coupure", hours_ago(2))]
    figures.silences = [(watch, "quiet_hours", hours_ago(hours)) for hours in (25, 24, 3, 0, -1)]
    clock.step_to(TUESDAY + timedelta(hours=2))
    assert await rounds.go() == 1
    (mail,) = mails(store)
    assert "2 × heures calmes" in mail.text


@pytest.fixture
async def portal(places, figures, store, clock):
    kept(store, "Eau", None)
    clock.step_to(TUESDAY)
    async with client_of(SIMULATION, places, figures, store) as client:
        yield client


def page_of(store, page):
    (watch,) = store.watches.all()
    return f"/veilles/{watch.watch}/{page}?{urlencode(named(store, watch.watch, ANNE))}"


async def test_a_recipient_chooses_by_the_link_of_a_mail(portal, store, rounds, figures):
    page = page_of(store, "recevoir")
    assert (await portal.get(page)).status_code == 200
    said = await portal.post(page, data={"rythme": "day", "heure": "7h30"})
    assert said.status_code == 200, said.text
    ((one,),) = [watch.recipients for watch in store.watches.all()]
    assert (one.digest, one.at_once) == (Digest(every="day", minute=450), False)
    assert await rounds.go() == 0, "the first comes at the next hour chosen"
    again = await portal.get(page)
    assert 'value="7 h 30"' in again.text.replace("\u00a0", " ")
    assert "checked" not in again.text


@pytest.mark.parametrize(
    "typed", [{}, {"rythme": "day", "heure": "midi"}, {"rythme": "month", "heure": "8h"}]
)
async def test_what_cannot_be_is_refused(portal, store, typed):
    before = store.watches.all()
    assert (await portal.post(page_of(store, "recevoir"), data=typed)).status_code == 422
    assert store.watches.all() == before


async def test_no_other_link_chooses(portal, store):
    (watch,) = store.watches.all()
    for page in ("recevoir", "recapitulatif/fin"):
        wrong = f"/veilles/{watch.watch}/{page}?destinataire={'0' * 32}"
        assert (await portal.get(wrong)).status_code == 404
        assert (await portal.post(wrong, data={"alertes": "1"})).status_code == 404


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_digest_is_left_for_all_watches(portal, store, at_once):
    (watch,) = store.watches.all()
    store.receiving.choose(watch.watch, ANNE, digest=DAILY, at_once=at_once)
    page = page_of(store, "recapitulatif/fin")
    assert (await portal.get(page)).status_code == 200
    assert store.watches.all()[0].recipients[0].digest == DAILY
    assert (await portal.post(page)).status_code == 200
    left = store.watches.all()[0].recipients
    assert [(one.digest, one.at_once) for one in left] == ([(None, True)] if at_once else [])


def test_a_zone_that_this_machine_does_not_know_stops_nobody_else():
    watches = [told(watch="w1", anne=DAILY, timezone="Mars/Olympus"), told(watch="w2", bruno=DAILY)]
    assert [one.at for one in due(watches, MONDAY)] == [MONDAY, MONDAY]
