"""A mute, a colleague, backups, the orders of the week: by buttons, told once, in the timeline."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, select

from contracts.watches import Mute, Query, Shift
from libs.clock import SteppedClock
from services.api.store import Mail, WatchDraft
from services.api.store.models import MessageRow
from services.api.watching.regular.rounds import Rounds
from services.api.watching.regular.shifts import shift_typed, shifts_of, shifts_words
from tests.api.conftest import BEARER, SIMULATION, client_of, named

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
"""18 h in Paris."""
ANNE, BRUNO, CHLOE = (f"mailto:{name}@essai.example" for name in ("anne", "bruno", "chloe"))
NIGHTS = Shift(days=(0, 1, 2, 3, 4), start=18 * 60, end=8 * 60)


@pytest.mark.parametrize(
    ("typed", "days", "start", "end"),
    [
        ("lun-ven 18h-8h", (0, 1, 2, 3, 4), 1080, 480),
        ("du lundi au vendredi de 18h à 8h", (0, 1, 2, 3, 4), 1080, 480),
        ("sam dim", (5, 6), 0, 0),
        ("samedi et dimanche de 8 h à 20h30", (5, 6), 480, 1230),
        ("Lundis 8:00 - 12:00", (0,), 480, 720),
        ("22h-7h", tuple(range(7)), 1320, 420),
        ("tous les jours 22h – 7h", tuple(range(7)), 1320, 420),
        ("ven-lun 18-8", (4, 5, 6, 0), 1080, 480),
        ("sam-dim 0h-24h", (5, 6), 0, 0),
    ],
)
def test_hours_on_duty_as_people_type_them(typed, days, start, end):
    (read,) = shifts_of(typed)
    assert (read.days, read.start, read.end) == (days, start, end)
    assert shifts_of(shift_typed(read)) == (read,), "the form shows what it reads"
    assert all(day in shifts_words((read,)) for day in ("dimanche",) if days == (5, 6))


@pytest.mark.parametrize("typed", ["xyz", "lun-ven 25h-3h", "lun 8", "mardi matin", "8h-"])
def test_what_is_not_read_is_quoted(typed):
    with pytest.raises(ValueError, match=re.escape(typed)):
        shifts_of(f"sam dim\n{typed}")


@pytest.fixture
def clock():
    return SteppedClock(NOW - timedelta(days=2))


@pytest.fixture
def watch(store, clock):
    """A watch that tells three, escalates after 15 minutes; the clock shows `NOW`."""
    tokens = []

    def invite(_watch, _address, token):
        tokens.append(token)
        return Mail("", "", "")

    draft = WatchDraft(
        territory="00101", name="Eau", purpose="astreinte", query=Query(any=("coupure",)),
        escalate_minutes=15,
    )  # fmt: skip
    made = store.watches.create(draft, (ANNE, BRUNO, CHLOE), invite)
    for token in tokens:
        store.watches.confirm(token)
    forget(store)
    clock.step_to(NOW)
    return made.watch


@pytest.fixture
def rounds(store, figures, clock):
    return Rounds(store, figures, clock, lambda _: "Essai", "https://p.example", simulation=True)


@pytest.fixture
async def portal(places, figures, store, watch):
    async with client_of(SIMULATION, places, figures, store) as client:
        client.headers.update(BEARER)
        yield client


def forget(store):
    with store.database.writing() as session:
        session.execute(delete(MessageRow))


def mails(store):
    with store.database.reading() as session:
        return {row.recipient: row for row in session.scalars(select(MessageRow))}


def alert(name="a1", at=NOW - timedelta(minutes=1), **fields):
    return {
        "alert": name, "kind": "match", "title": "Coupure · 8 messages", "why": "Parce que.",
        "total": 8, "usual": None, "window_minutes": None, "group": "g", "watch_revision": 1,
        "raised_at": at, "deliveries": [], **fields,
    }  # fmt: skip


def muted(at, why="muted", recipient=ANNE):
    return {
        "channel": "mailto", "recipient": recipient, "outcome": "silent", "why": why,
        "delivered_at": at,
    }  # fmt: skip


def link(store, watch, page, name="a1", address=ANNE):
    return f"/alertes/{name}/{page}?{urlencode({'veille': watch} | named(store, watch, address))}"


async def test_an_hour_of_silence_from_the_mail(portal, store, figures, watch, rounds):
    figures.alerts[watch] = [alert()]
    before = store.watches.get(watch)
    assert (await portal.get(link(store, watch, "silence"))).status_code == 200
    assert store.watches.get(watch) == before, "scanners follow links"
    said = await portal.post(link(store, watch, "silence"))
    assert said.status_code == 200, said.text
    assert "/silence/fin?" in said.text
    mutes = {one.address: one.mute for one in store.watches.get(watch).recipients}
    assert mutes.pop(ANNE) is not None
    assert set(mutes.values()) == {None}, "nobody else is silenced"


async def test_after_a_mute_one_is_told_what_it_kept_back(store, figures, watch, rounds, clock):
    mute = Mute(since=NOW, until=NOW + timedelta(hours=1))
    store.receiving.choose(watch, ANNE, mute=mute)
    inside = NOW + timedelta(minutes=30)
    seen = dict.fromkeys(("a1", "a2", "a3"), ("t", NOW))
    for name in seen:
        store.acknowledgements.note(watch, name, "agent")
    figures.alerts[watch] = [
        alert("a1", inside, deliveries=[muted(inside)]),
        alert("a2", inside, title="Pour Bruno", deliveries=[muted(inside, recipient=BRUNO)]),
        alert("a3", NOW - timedelta(hours=3), title="Avant", deliveries=[muted(NOW, "cooldown")]),
    ]
    clock.step_to(NOW + timedelta(hours=1))
    assert await rounds.go() == 0, "what was delivered last is not stored yet"
    clock.step_to(NOW + timedelta(hours=1, minutes=1))
    assert await rounds.go() == 1
    (mail,) = mails(store).values()
    assert mail.recipient == ANNE
    assert "Coupure · 8 messages" in mail.text
    assert "Pour Bruno" not in mail.text
    assert "Avant" not in mail.text
    assert await rounds.go() == 0


async def test_a_mute_is_ended_before_its_end(portal, store, figures, watch):
    figures.alerts[watch] = [alert()]
    await portal.post(link(store, watch, "silence"))
    assert (await portal.post(link(store, watch, "silence/fin"))).status_code == 200
    (anne,) = (one for one in store.watches.get(watch).recipients if one.address == ANNE)
    assert anne.mute.since <= anne.mute.until < anne.mute.since + timedelta(hours=1)
    told = await portal.get(f"/veilles/{watch}/chronologie")
    assert told.text.count("silence") >= 2


async def test_an_alert_is_handed_over(portal, store, figures, watch):
    figures.alerts[watch] = [alert()]
    asked = await portal.get(link(store, watch, "relais"))
    bruno = named(store, watch, BRUNO)["destinataire"]
    assert bruno in asked.text
    assert "anne@" not in asked.text
    done = await portal.post(link(store, watch, "relais"), data={"collegue": bruno})
    assert done.status_code == 200, done.text
    told = mails(store)
    assert list(told) == [BRUNO]
    assert "Coupure · 8 messages" in told[BRUNO].subject
    assert f"/alertes/a1/vu?veille={watch}&destinataire={bruno}" in told[BRUNO].text
    page = await portal.get(f"/veilles/{watch}/chronologie.csv")
    assert "passe la main" in page.text


@pytest.mark.parametrize("to", ["", "0" * 32, "himself"])
async def test_an_alert_is_handed_over_to_a_recipient_only(portal, store, figures, watch, to):
    figures.alerts[watch] = [alert()]
    to = named(store, watch, ANNE)["destinataire"] if to == "himself" else to
    done = await portal.post(link(store, watch, "relais"), data={"collegue": to})
    assert done.status_code == 422
    assert mails(store) == {}


@pytest.mark.parametrize("page", ["silence", "silence/fin", "relais"])
async def test_a_wrong_link_does_nothing(portal, store, figures, watch, page):
    figures.alerts[watch] = [alert()]
    wrong = f"/alertes/a1/{page}?{urlencode({'veille': watch, 'destinataire': '0' * 32})}"
    assert (await portal.post(wrong, data={"collegue": "x"})).status_code == 404


AT = NOW + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, {CHLOE}),
        ({"at": AT - timedelta(minutes=14)}, set()),
        ({"at": AT - timedelta(hours=14)}, set()),
        ({"kind": "source_failed"}, set()),
    ],
)
async def test_what_nobody_has_seen_goes_to_the_backups_once(
    store, figures, watch, rounds, clock, fields, told
):
    store.receiving.choose(watch, CHLOE, backup=True)
    figures.alerts[watch] = [alert(**fields)]
    clock.step_to(AT)
    assert await rounds.go() == len(told)
    assert set(mails(store)) == told
    assert await rounds.go() == 0
    acts = [one.what for one in store.acknowledgements.acts_of_watch(watch)]
    assert acts == ["escalated"] * len(told)


async def test_without_backups_everybody_is_told_anew(store, figures, watch, rounds, clock):
    figures.alerts[watch] = [alert()]
    clock.step_to(AT)
    assert await rounds.go() == 3
    assert set(mails(store)) == {ANNE, BRUNO, CHLOE}


@pytest.mark.parametrize("how", ["this alert", "its event"])
async def test_what_somebody_has_seen_is_not_escalated(store, figures, watch, rounds, clock, how):
    figures.alerts[watch] = [alert()]
    if how == "this alert":
        store.acknowledgements.note(watch, "a1", "agent")
    else:
        store.watches.handle(watch, "g")
    clock.step_to(AT)
    assert await rounds.go() == 0


async def test_the_orders_of_the_week_come_on_sunday_evening(store, watch, rounds, clock):
    store.receiving.choose(watch, ANNE, duty=(NIGHTS,))
    clock.step_to(SUNDAY - timedelta(seconds=1))
    assert await rounds.go() == 0
    clock.step_to(SUNDAY)
    assert await rounds.go() == 1
    (mail,) = mails(store).values()
    assert (mail.recipient, mail.kind) == (ANNE, "duty_orders")
    assert "30\u00a0novembre" in mail.subject
    for words in ("du lundi au vendredi de 18", "b…@essai.example", "15\u00a0min", "Facebook"):
        assert words in mail.text
    assert await rounds.go() == 0
    clock.step_to(SUNDAY + timedelta(days=1))
    assert await rounds.go() == 0


async def test_rota_and_delay_are_typed(portal, store, watch):
    page = f"/veilles/{watch}/recevoir?{urlencode(named(store, watch, ANNE))}"
    typed = {"alertes": "1", "astreinte": "lun-ven 18h-8h", "renfort": "1"}
    assert (await portal.post(page, data=typed)).status_code == 200
    (anne,) = (one for one in store.watches.get(watch).recipients if one.address == ANNE)
    assert (anne.duty, anne.backup, anne.digest) == ((NIGHTS,), True, None)
    wrong = await portal.post(page, data=typed | {"astreinte": "la nuit"})
    assert wrong.status_code == 422
    assert "la nuit" in wrong.text
