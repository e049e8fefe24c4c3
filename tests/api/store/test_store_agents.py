"""Who may enter, links and sessions, on both databases."""

from collections.abc import Callable

import pytest

from services.api.store import Mail, Store
from services.api.store.agents.entitled import EVERYWHERE, Entitled, Mailbox
from services.api.store.agents.sessions import IDLE, LINK_VALID, SignedIn

ANNE = Mailbox("key-of-anne", "essai.example", "a…@essai.example")
MAIL = Mail("Votre lien", "…", "<p>…</p>")


def entered(store: Store, session: str = "session-1", link: str = "link-1") -> SignedIn:
    store.sessions.ask(ANNE, link, "browser", "mailto:anne@essai.example", MAIL)
    found = store.sessions.enter(link, "browser", session, "Firefox sur Linux")
    assert isinstance(found, SignedIn)
    return found


def test_what_the_directory_says_is_replaced_what_was_approved_stays(store):
    store.entitled.approve("essai.example", "1")
    store.entitled.approve("essai.example", "1")
    one = Entitled("address", ANNE.key, "2")
    assert store.entitled.replace([one, one]) == 1
    assert store.entitled.roles(ANNE) == {"1": "writing", "2": "administration"}
    assert store.entitled.replace([]) == 0
    assert store.entitled.roles(ANNE) == {"1": "writing"}
    assert store.entitled.approved() == [("essai.example", "1")]


def test_a_domain_of_two_territories_is_nobodys_unless_it_was_approved(store):
    store.entitled.replace([Entitled("domain", "essai.example", code) for code in "12"])
    assert store.entitled.roles(ANNE) == {}
    store.entitled.approve("essai.example", "3")
    assert store.entitled.roles(ANNE) == {"3": "writing"}


def test_what_the_operator_grants_comes_last(store):
    store.entitled.approve("essai.example", "1")
    for role in ("administration", "none"):
        store.entitled.grant(ANNE, "1", role)
        assert store.entitled.roles(ANNE) == {"1": role}
    store.entitled.grant(ANNE, EVERYWHERE, "team")
    assert store.entitled.roles(ANNE)[EVERYWHERE] == "team"


def test_a_link_opens_once_within_its_time_in_its_browser(store, now):
    store.sessions.ask(ANNE, "link-1", "browser", "mailto:anne@essai.example", MAIL)
    assert store.sessions.fault("link-2", "browser") == "unknown"
    assert store.sessions.fault("link-1", "another") == "elsewhere"
    now.moment += LINK_VALID
    assert store.sessions.fault("link-1", "browser") is None
    now.pass_(seconds=1)
    assert store.sessions.enter("link-1", "browser", "s", "") == "late"
    entered(store, link="link-3")
    assert store.sessions.enter("link-3", "browser", "s", "") == "used"
    now.pass_(days=2)
    entered(store, "session-2", "link-4")
    assert store.sessions.fault("link-3", "browser") == "unknown"


def test_a_session_is_known_until_it_is_idle(store, open_store, now):
    who = entered(store)
    for _ in range(3):
        now.moment += IDLE
        assert open_store().sessions.known("session-1") == who
    now.moment += IDLE
    now.pass_(seconds=1)
    assert store.sessions.known("session-1") is None
    assert store.sessions.of_agent(who.agent) == []


def test_being_seen_is_noted_once_an_hour(store, now):
    who = entered(store)
    now.pass_(minutes=59)
    store.sessions.known("session-1")
    (session,) = store.sessions.of_agent(who.agent)
    assert session.seen_at == session.started_at
    now.pass_(minutes=2)
    store.sessions.known("session-1")
    assert store.sessions.of_agent(who.agent)[0].seen_at == now.moment


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (lambda store, one: store.sessions.end(one.agent, one.session), ["session-2"]),
        (lambda store, one: store.sessions.end(one.agent), []),
        (
            lambda store, one: store.sessions.end("somebody", one.session),
            ["session-1", "session-2"],
        ),
    ],
    ids=["one", "all", "another's"],
)
def test_sessions_end(store, end: Callable[[Store, SignedIn], None], left):
    first, second = entered(store), entered(store, "session-2", "link-2")
    assert first.agent == second.agent
    end(store, first)
    assert [key for key in ("session-1", "session-2") if store.sessions.known(key)] == left
