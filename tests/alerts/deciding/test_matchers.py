"""From what is said to matches: whose words count, what a deletion withdraws."""

import pickle
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from contracts.accounts import AccountRegistered, Ownership
from contracts.erasures import Suppressions, author_key
from contracts.event import Event
from contracts.mentions import MentionMatched
from contracts.posts import PostObserved, TextObserved
from contracts.topics import MENTIONS_MATCHED, MENTIONS_OBSERVED, Topic
from contracts.watches import Query, QuietHours, Seen
from libs.clock import SteppedClock
from libs.matching.match import Matcher
from libs.matching.query import query_of
from libs.tracing.spans import OFF, Traces
from libs.wire.checking import Received
from libs.wire.codec import validated
from libs.wire.tail import Tail
from libs.wire.wire import Wire
from services.alerts.deciding.accounts import Accounts
from services.alerts.deciding.known import Known
from services.alerts.deciding.matchers import MENTIONS_GROUP, Matchers
from services.alerts.deciding.watches import Watches
from tests.alerts.builders import LONG_AGO, NOW, ended, erased, match, mention, watched
from tests.alerts.fakes import MemoryWire
from tests.deadlines import until
from tests.events import account_registered, event

PLACE = TopicPartition("topic", 0)


class Published:
    """Stands for the wire: keeps what is published."""

    def __init__(self) -> None:
        self.matches: list[MentionMatched] = []

    tracing = OFF

    async def publish_all(self, topic: Topic, events: Iterable[Event], _: Traces) -> None:
        assert topic is MENTIONS_MATCHED
        self.matches += cast(list[MentionMatched], list(events))

    def refuses(self, origin: str) -> bool:
        return origin != "simulation"


def registered(account: str, territory: str, **fields: Any) -> AccountRegistered:
    owners = (Ownership(territory=territory, home=True),)
    return account_registered(account, LONG_AGO, **{"owners": owners} | fields)


def text(account: str, said: str, post: str = "bluesky:p1") -> TextObserved:
    return event(
        TextObserved, post=post, account=account, published_at=NOW, observed_at=NOW, text=said
    )


def received(*events: Event) -> list[Any]:
    return [Received(event, PLACE, offset) for offset, event in enumerate(events)]


def test_accounts_that_were_erased_leave_no_territory_behind():
    accounts, nobody = Accounts(), len(pickle.dumps(Accounts()))
    for number in range(1_000):
        accounts.change(f"a{number}", registered(f"a{number}", f"t{number}"))
        accounts.change(f"a{number}", None)
    assert len(pickle.dumps(accounts)) == nobody


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def matchers(published: Published) -> Matchers:
    accounts = Accounts()
    accounts.change("ours", registered("ours", "00101"))
    accounts.change("theirs", registered("theirs", "00102"))
    accounts.change("mayor", registered("mayor", "00102", owner_kind="personne"))
    matchers = Matchers(cast(Wire, published), Known(SteppedClock(NOW), Watches({}), accounts))
    matchers.change("w1", watched())
    matchers.change("w2", watched(watch="w2", territory="00102", query=Query(any=("coupure",))))
    matchers.change("w3", watched(watch="w3", state="paused"))
    return matchers


async def test_a_mention_concerns_the_watches_that_look_for_its_words(matchers, published):
    said = mention(1, "Encore une COUPURE D’EAU", title="Essai-sur-Onde")
    await matchers.mentions(received(said, mention(2, "rien à voir")))
    assert [(m.watch, m.terms, m.subject) for m in published.matches] == [
        ("w1", ("COUPURE D’EAU",), said.mention),
        ("w2", ("COUPURE",), said.mention),
    ]
    assert published.matches[0].excerpt == "Encore une COUPURE D’EAU"


@pytest.mark.parametrize(
    ("said", "excerpt"),
    [
        ("", ""),
        ("Coupure d’eau", ""),
        ("Coupure d’eau\nRue Basse, ce matin.", "Rue Basse, ce matin."),
        ("Coupure d’eau rue Basse.", "Coupure d’eau rue Basse."),
        ("Rue Basse, ce matin.", "Rue Basse, ce matin."),
        (f"{'La Gazette. ' * 60}Une coupure d’eau.", "…"),
        (f"Rue Basse. {'La Gazette. ' * 60}", "Rue Basse."),
    ],
)
async def test_a_headline_is_no_part_of_the_excerpt(matchers, published, said, excerpt):
    """Also where the feed repeats it before its summary."""
    await matchers.mentions(received(mention(1, said, title="Coupure d’eau")))
    match = published.matches[0]
    assert (match.title, match.terms) == ("Coupure d’eau", ("Coupure d’eau",))
    if len(said) < 300:
        assert match.excerpt == excerpt
    else:
        assert match.excerpt.startswith(excerpt)
        assert len(match.excerpt) <= 300
        assert ("coupure" in match.excerpt) == ("coupure" in said)


async def test_the_same_mention_gives_the_same_ids(matchers, published):
    said = mention(1, "coupure d'eau")
    await matchers.mentions(received(said))
    await matchers.mentions(received(said))
    first, second = published.matches[:2], published.matches[2:]
    assert first == second
    assert len({m.event_id for m in first}) == 2


@pytest.mark.parametrize(
    ("account", "told"),
    [("ours", ["w2"]), ("theirs", ["w1"]), ("unknown", ["w1", "w2"]), ("mayor", [])],
)
async def test_a_territory_is_not_told_of_its_own_posts_nor_anyone_of_a_persons(
    matchers, published, account, told
):
    await matchers.texts(received(text(account, "coupure d'eau")))
    assert [match.watch for match in published.matches] == told
    assert all(match.subject_kind == "post" for match in published.matches)


async def test_who_speaks_is_what_registry_and_profiles_say(published):
    """Of an account its territories and followers, of a source the places that it declares."""
    accounts = Accounts()
    accounts.change("theirs", registered("theirs", "62498"))
    gazette = {"network": "rss", "owners": (), "covers": ("62",), "handle": "https://g.example/f"}
    accounts.change("paper", registered("paper", "62498", **gazette))
    accounts.hear(ended().model_copy(update={"followers": {"theirs": 12_000}}))
    matchers = Matchers(cast(Wire, published), Known(SteppedClock(NOW), Watches({}), accounts))
    for name, expression in (
        ("place", "eau type:publication lieu:62"),
        ("elsewhere", "eau type:publication lieu:59"),
        ("many", "eau type:publication abonnés:>10000"),
        ("few", "eau type:publication abonnés:<10000"),
        ("press", "eau type:article lieu:62"),
    ):
        matchers.change(name, watched(watch=name, territory="00103", query=query_of(expression)))
    await matchers.texts(received(text("theirs", "coupure d'eau")))
    assert [match.watch for match in published.matches] == ["many", "place"]
    published.matches.clear()
    said = {"network": "rss", "source": "https://g.example/f"}
    elsewhere = {"network": "rss", "source": "https://h.example/f"}
    await matchers.mentions(received(mention(1, "l’eau", **said), mention(2, "l’eau", **elsewhere)))
    assert [(one.watch, one.source) for one in published.matches] == [("press", said["source"])]


async def test_a_deleted_mention_is_withdrawn_from_the_watches_it_concerned(matchers, published):
    said = mention(1, "Coupure d’eau, signée Ma Voisine")
    await matchers.mentions(received(said))
    await matchers.mentions(
        received(mention(1, "", state="deleted"), mention(9, "", state="deleted"))
    )
    withdrawn = published.matches[2:]
    assert [(m.watch, m.subject, m.state) for m in withdrawn] == [
        ("w1", said.mention, "deleted"),
        ("w2", said.mention, "deleted"),
    ]
    assert all(m.excerpt == "" and m.terms == () and m.title is None for m in withdrawn)


async def test_what_another_instance_matched_is_withdrawn_too(matchers, published):
    said = mention(1, "coupure d'eau")
    await matchers.mentions(received(said))
    elsewhere = Matchers(cast(Wire, published), Known(SteppedClock(NOW), Watches({})))
    for one in published.matches:
        elsewhere.remember(one)
    await elsewhere.mentions(received(mention(1, "", state="deleted")))
    assert [m.state for m in published.matches] == ["present", "present", "deleted", "deleted"]


@pytest.mark.parametrize(
    ("said", "withdrawn"),
    [
        ({"origin": "live"}, 0),
        ({"network": "novel-network"}, 1),
        ({"address": "http://[::1", "source": "\0", "author": "é" * 300}, 1),
        ({"watch": "nobody", "published_at": LONG_AGO}, 1),
    ],
)
async def test_a_match_that_nobody_honest_wrote_stands_in_no_deletions_way(said, withdrawn):
    """One of the other installation was told on: refused, and the mentions stood still."""
    wire = MemoryWire()
    gone = mention(1, "", state="deleted")
    odd = match(0).model_copy(update={"subject": gone.mention, **said})
    wire.memory.append(MENTIONS_MATCHED.on("simulation"), odd.encode(), b"w1", partition=0)
    matchers = Matchers(wire, Known(SteppedClock(NOW), Watches({})))
    matchers.subscribe(10_000)
    tail = Tail(wire, MENTIONS_MATCHED, MentionMatched, matchers.remember)
    await tail.start()
    async with wire:
        await wire.keep(MENTIONS_OBSERVED, gone, mention(2, "rien"))
        await until(lambda: sum(wire.committed(MENTIONS_GROUP).values()) == 2)
        assert wire.failures() == {}
        told = [validated(MentionMatched, value, "simulation") for value in
                wire.memory.values(MENTIONS_MATCHED.on("simulation"))]  # fmt: skip
    await tail.stop()
    states = [one.state for one in told if not isinstance(one, str)]
    assert states.count("deleted") == withdrawn


async def test_a_deleted_post_is_withdrawn(matchers, published):
    await matchers.texts(received(text("theirs", "coupure d'eau")))
    reading = event(
        PostObserved,
        post="bluesky:p1",
        account="theirs",
        state="deleted",
        published_at=NOW,
        **dict.fromkeys(("likes", "comments", "shares", "quotes", "views")),
        absent=dict.fromkeys(("likes", "comments", "shares", "quotes", "views"), "not_published"),
    )
    present = reading.model_copy(update={"state": "present", "post": "bluesky:deleted"})
    records = [reading.encode(), present.encode(), b'{"state":"deleted"', None]
    await matchers.posts({PLACE: [cast(Any, SimpleNamespace(value=value)) for value in records]})
    assert [(m.watch, m.subject, m.state) for m in published.matches[1:]] == [
        ("w1", "bluesky:p1", "deleted")
    ]


async def test_a_crisis_term_is_carried_beyond_the_excerpt(matchers, published):
    night = QuietHours(start=0, end=360, crisis_terms=("évacuation",))
    matchers.change("w1", watched(quiet=night))
    await matchers.mentions(received(mention(1, f"coupure d'eau {'mot ' * 200} EVACUATION")))
    assert published.matches[0].terms == ("coupure d'eau", "EVACUATION")
    assert "EVACUATION" not in published.matches[0].excerpt


async def test_a_watch_that_changes_is_matched_anew(matchers, published):
    matchers.change("w1", watched(query=Query(any=("incendie",))))
    matchers.change("w2", None)
    await matchers.mentions(received(mention(1, "coupure d'eau"), mention(2, "incendie")))
    assert [match.watch for match in published.matches] == ["w1"]


async def test_what_changes_nothing_that_is_looked_for_makes_no_matcher_anew(
    matchers, published, monkeypatch
):
    """« J’ai vu » of one watch made the terms of all ready again, in the midst of a crisis."""
    made = []
    monkeypatch.setattr(
        "services.alerts.deciding.matchers.Matcher",
        lambda queries: made.append(1) or Matcher(queries),
    )
    told = mention(1, "coupure d'eau")
    await matchers.mentions(received(told))
    matchers.change("w1", watched(seen=(Seen(group="g1", at=NOW),)))
    matchers.change("w3", watched(watch="w3", state="paused"))
    await matchers.mentions(received(told))
    assert (made, len(published.matches)) == ([1], 4)
    matchers.change("w1", watched(query=Query(any=("incendie",))))
    await matchers.mentions(received(told))
    assert len(made) == 2


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("mention", mention(1, "").mention),
        ("author", author_key("https://bsky.app/profile/habitante.example")),
    ],
)
async def test_what_is_erased_is_matched_no_more(published, kind, subject):
    suppressions = Suppressions()
    matchers = Matchers(
        cast(Wire, published), Known(SteppedClock(NOW), Watches({}), suppressions=suppressions)
    )
    matchers.change("w1", watched())
    said = received(mention(1, "Encore une coupure d'eau"))
    await matchers.mentions(said)
    before = len(published.matches)
    suppressions.add(erased(kind, subject))
    await matchers.mentions(said)
    assert before == len(published.matches) == 1
