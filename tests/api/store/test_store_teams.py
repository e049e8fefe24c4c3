"""Teams, requests, tokens, the journal, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.api.store import Mail
from services.api.store.agents.entitled import Entitled, Mailbox
from services.api.store.agents.tokens import TOKENS_MOST
from services.api.store.errors import NotTheirsError, TransitionError, UnknownError
from services.api.store.models import MessageRow

ANNE = Mailbox("key-of-anne", "essai.example", "a…@essai.example")
ZOE = Mailbox("key-of-zoe", "syndicat.example", "z…@syndicat.example")
MAIL = Mail("Invitation", "…", "<p>…</p>")


def agent(store, mailbox: Mailbox, session: str = "s") -> str:
    return store.sessions.open(mailbox, f"{session} {mailbox.key}", "Firefox").agent


def everything(*_: object) -> bool:
    """Who may give any role to anybody."""
    return True


def roles(store, place: str = "1") -> dict[str, str]:
    return {one.shown: one.role for one in store.teams.members(place)}


def test_a_team_has_who_was_named_and_who_enters_by_what_is_published(store):
    anne = agent(store, ANNE)
    assert roles(store) == {}
    store.entitled.replace([Entitled("domain", "essai.example", "1")])
    assert roles(store) == {ANNE.shown: "writing"}
    store.teams.invite(ZOE, "mailto:zoe@syndicat.example", "1", "protection", MAIL, everything)
    assert roles(store) == {ANNE.shown: "writing", ZOE.shown: "protection"}
    store.teams.change(anne, "1", "reading", everything)
    assert roles(store)[ANNE.shown] == "reading"
    store.teams.change(anne, "1", "none", everything)
    assert roles(store) == {ZOE.shown: "protection"}


def test_a_provider_shared_by_towns_makes_nobody_of_the_team(store):
    anne = agent(store, ANNE)
    store.entitled.replace([Entitled("domain", "essai.example", code) for code in "12"])
    assert roles(store) == {}
    with pytest.raises(UnknownError):
        store.teams.change(anne, "1", "administration", everything)


def test_the_published_address_administers_whatever_its_domain(store):
    agent(store, ANNE)
    published = [Entitled("address", ANNE.key, "1"), Entitled("domain", "essai.example", "1")]
    store.entitled.replace(published)
    assert roles(store) == {ANNE.shown: "administration"}


def test_a_request_is_answered_once_where_it_was_made(store):
    zoe = agent(store, ZOE)
    for words in ("a", "b"):
        store.teams.request(zoe, "1", "writing", words)
    (asked,) = store.teams.requests("1")
    assert (asked.words, asked.shown, store.teams.requests("2")) == ("b", ZOE.shown, [])
    with pytest.raises(UnknownError):
        store.teams.answer(asked.id, "2", everything, granted=True)
    store.teams.answer(asked.id, "1", everything, granted=True)
    assert store.entitled.roles(ZOE) == {"1": "writing"}
    with pytest.raises(TransitionError):
        store.teams.answer(asked.id, "1", everything, granted=False)
    assert store.teams.requests() == []
    assert [one.granted for one in store.teams.requests(agent=zoe)] == [True]
    store.teams.request(zoe, "2", "reading", "")
    (other,) = store.teams.requests("2")
    store.teams.answer(other.id, "2", everything, granted=False)
    assert store.entitled.roles(ZOE) == {"1": "writing"}


def test_what_may_not_be_given_is_not_and_nobody_is_told(store):
    zoe, asked_of = agent(store, ZOE), []
    store.teams.request(zoe, "1", "administration", "")
    (waiting,) = store.teams.requests("1")

    def nothing(known, given):
        asked_of.append((known, given))
        return False

    with pytest.raises(NotTheirsError):
        store.teams.invite(ANNE, "mailto:anne@essai.example", "1", "writing", MAIL, nothing)
    for granted in (True, False):
        with pytest.raises(NotTheirsError):
            store.teams.answer(waiting.id, "1", nothing, granted=granted)
    store.entitled.grant(ZOE, "1", "reading")
    with pytest.raises(NotTheirsError):
        store.teams.change(zoe, "1", "none", nothing)
    assert roles(store) == {ZOE.shown: "reading"}
    assert store.teams.requests("1") == [waiting]
    with store.database.reading() as session:
        assert session.scalars(select(MessageRow)).all() == []
    assert asked_of == [
        (None, "writing"),
        *[(None, "administration")] * 2,
        ("reading", "none"),
    ]


def test_a_token_is_its_agents_until_its_day(store, now):
    zoe, anne = agent(store, ZOE), agent(store, ANNE)
    store.tokens.make(zoe, "key", "tableau", "1", "reading", 30)
    held = store.tokens.known("key")
    assert (held.signed_in.agent, held.territory, held.role) == (zoe, "1", "reading")
    assert store.tokens.known("another") is None
    (mine,) = store.tokens.of_agent(zoe)
    assert (mine.name, mine.used_at) == ("tableau", now.moment)
    store.tokens.end(anne, mine.id)
    assert store.tokens.known("key")
    now.pass_(days=30, seconds=1)
    assert store.tokens.known("key") is None
    assert store.tokens.of_agent(zoe) == []
    store.tokens.make(zoe, "key-2", "tableau", "1", "reading", 30)
    store.tokens.end(zoe, store.tokens.of_agent(zoe)[0].id)
    assert store.tokens.known("key-2") is None


def test_tokens_are_counted(store):
    zoe = agent(store, ZOE)
    for n in range(TOKENS_MOST):
        store.tokens.make(zoe, f"key-{n}", "tableau", "1", "reading", 30)
    with pytest.raises(TransitionError):
        store.tokens.make(zoe, "one too many", "tableau", "1", "reading", 30)


def test_the_journal_is_kept_a_year(store, now):
    store.journal.add("a…@essai.example", "acts.pause", "1", "veille-1")
    now.moment += timedelta(days=300)
    store.journal.add("opérateur", "acts.end", "2", "x" * 100)
    assert [one.what for one in store.journal.acts()] == ["acts.end", "acts.pause"]
    assert [one.about for one in store.journal.acts("1")] == ["veille-1"]
    now.moment += timedelta(days=66)
    store.journal.add("opérateur", "acts.end", "2")
    assert [one.territory for one in store.journal.acts()] == ["2", "2"]
