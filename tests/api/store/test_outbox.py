"""What changes is told to its topic: the present state, at least once, never an older one last."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest

from contracts.accounts import AccountRegistered, Ownership
from contracts.addresses import Identity, read_address
from contracts.event import Event
from contracts.messages import MessageDue
from contracts.topics import ACCOUNTS_REGISTERED, MESSAGES_DUE, WATCHES, Topic
from contracts.watches import Query, recipient_name
from services.api.store import Claim, Mail, Proof, Store, WatchDraft, outcomes
from services.api.store.models import OutboxRow
from services.api.store.registry.accounts import CLAIMS_AT_ONCE
from services.api.store.relay.outbox import Relay, backlog, read_pending, settle
from services.api.store.relay.relay_lock import RelayLock
from tests.api.store.conftest import Now, kept
from tests.deadlines import until

DRAFT = WatchDraft(territory="00001", name="Eau", purpose="astreinte", query=Query(any=("eau",)))


class Topics:
    """Stands for the broker: keeps what it is given, or is away."""

    def __init__(self) -> None:
        self.told: list[tuple[Topic, Event]] = []
        self.away = False
        self.on_publish: Callable[[], object] = lambda: None

    async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
        if self.away:
            raise ConnectionError("no broker")
        self.told += [(topic, event) for event in events]
        self.on_publish()

    def of(self, topic: Topic) -> Sequence[Event]:
        return [event for told, event in self.told if told is topic]

    def table(self, topic: Topic) -> dict[str, Event]:
        """What a compacted topic would hold: the last of each key."""
        return {event.key: event for event in self.of(topic)}


@pytest.fixture
def topics() -> Topics:
    return Topics()


def claim(now: Now, number: int = 1, **more: object) -> Claim:
    identity = read_address(f"https://bsky.app/profile/v{number}.example")
    assert isinstance(identity, Identity)
    proof = Proof("file", "f", now())
    return Claim(identity, (Ownership(territory="00001"),), proof, **more)


def drain(store: Store, topics: Topics) -> int:
    return asyncio.run(Relay(store, topics).drain())


def test_a_verified_account_is_told_once(store, now, topics):
    account = store.accounts.register(claim(now, state="verified")).account
    assert drain(store, topics) == 1
    assert topics.told == [(ACCOUNTS_REGISTERED, account)]
    assert drain(store, topics) == 0
    assert backlog(store).keys == 0
    assert AccountRegistered.read(account.encode()) == account


def test_what_a_newer_version_tells_waits_for_it_and_holds_up_nothing(store, now, topics):
    """Of a topic that this version does not know, after a way back to it."""
    with store.database.writing() as session:
        session.add(OutboxRow(topic="novelties.v1", key="k", mark="m", since=now()))
    account = store.accounts.register(claim(now, state="verified")).account
    assert drain(store, topics) == 1
    assert topics.told == [(ACCOUNTS_REGISTERED, account)]
    assert backlog(store).keys == 1


def test_candidates_are_told_when_verified_and_to_their_end(store, now, topics):
    store.accounts.register(claim(now))
    assert drain(store, topics) == 0
    store.accounts.move("id1", "verified", reason="r", by="b")
    drain(store, topics)
    store.accounts.move("id1", "refused", reason="r", by="b")
    drain(store, topics)
    assert [e.state for e in topics.of(ACCOUNTS_REGISTERED)] == ["verified", "refused"]


def test_only_the_present_state_is_told(store, now, topics):
    store.accounts.register(claim(now, state="verified"))
    for number in range(2, 6):
        store.accounts.own("id1", Ownership(territory=f"0000{number}"))
    assert drain(store, topics) == 1
    (event,) = topics.of(ACCOUNTS_REGISTERED)
    assert (event.revision, len(event.owners)) == (5, 5)


def test_what_changes_while_it_is_told_is_told_again(store, now, topics):
    store.accounts.register(claim(now, state="verified"))

    def change() -> None:
        topics.on_publish = lambda: None
        store.accounts.own("id1", Ownership(territory="00002"))

    topics.on_publish = change
    assert drain(store, topics) == 2
    assert [e.revision for e in topics.of(ACCOUNTS_REGISTERED)] == [1, 2]


def test_a_crash_before_the_removal_repeats_the_state(store, now, topics):
    store.accounts.register(claim(now, state="verified"))
    pending = read_pending(store)
    asyncio.run(topics.publish_all(ACCOUNTS_REGISTERED, [p.event for p in pending if p.event]))
    # Killed here: the row is still there.
    assert drain(store, topics) == 1
    first, second = topics.of(ACCOUNTS_REGISTERED)
    assert first == second
    settle(store, pending)
    assert backlog(store).keys == 0


def test_a_broker_that_is_away_loses_nothing(store, now, topics):
    store.accounts.register_all([claim(now, n, state="verified") for n in range(3)])
    topics.away = True
    with pytest.raises(ConnectionError):
        drain(store, topics)
    assert backlog(store).keys == 3
    assert backlog(store).oldest == now()
    topics.away = False
    assert drain(store, topics) == 3
    assert len(topics.table(ACCOUNTS_REGISTERED)) == 3


def test_more_keys_than_one_batch(store, now, topics):
    store.accounts.register_all([claim(now, n, state="verified") for n in range(600)])
    assert drain(store, topics) == 600
    assert len(topics.table(ACCOUNTS_REGISTERED)) == 600


def test_others_write_and_are_told_while_a_census_is_taken_in(open_store, store, now, topics):
    """Between two transactions nothing waits; a census cut short is taken in again, once each."""
    other, seen = open_store(), list[tuple[int, int]]()

    def claims(cut: int | None = None) -> Iterator[Claim]:
        for number in range(2 * CLAIMS_AT_ONCE + 50):
            if number in (CLAIMS_AT_ONCE, 2 * CLAIMS_AT_ONCE) and cut is None:
                # Nobody holds the database: written at once, and told.
                other.messages.add("mailto:a@b.example", "watch_confirmation", Mail("s", "t", "h"))
                seen.append((kept(other), drain(other, topics)))
            if number == cut:
                raise RuntimeError("cut short")
            yield claim(now, number, state="verified")

    with pytest.raises(RuntimeError, match="cut short"):
        store.accounts.register_all(claims(cut=CLAIMS_AT_ONCE + 10))
    assert kept(store) == CLAIMS_AT_ONCE
    registered = store.accounts.register_all(claims())
    assert outcomes(registered) == {
        "created": CLAIMS_AT_ONCE + 50, "extended": 0, "known": CLAIMS_AT_ONCE, "conflict": 0
    }  # fmt: skip
    assert seen == [(CLAIMS_AT_ONCE, CLAIMS_AT_ONCE + 1), (2 * CLAIMS_AT_ONCE, CLAIMS_AT_ONCE + 1)]
    drain(store, topics)
    assert len(topics.of(ACCOUNTS_REGISTERED)) == 2 * CLAIMS_AT_ONCE + 50
    assert len(topics.table(ACCOUNTS_REGISTERED)) == 2 * CLAIMS_AT_ONCE + 50


def test_a_persons_account_is_never_told(store, now, topics):
    store.accounts.register(claim(now, 1, state="verified", owner_kind="personne"))
    # Found to be a person's between the decision and the relay.
    store.accounts.register(claim(now, 2, state="verified"))
    store.accounts.set_owner_kind("id2", "personne", reason="compte du maire", by="équipe")
    drain(store, topics)
    assert topics.told == []


def test_a_persons_account_told_by_mistake_is_ended(store, now, topics):
    store.accounts.register(claim(now, state="verified"))
    drain(store, topics)
    store.accounts.set_owner_kind("id1", "personne", reason="compte du maire", by="équipe")
    drain(store, topics)
    last = topics.table(ACCOUNTS_REGISTERED)["id1"]
    assert (last.owner_kind, last.state, last.revision) == ("personne", "refused", 2)


def test_watches_and_their_mails(store, topics):
    store.watches.create(DRAFT, ("mailto:a@b.example",), lambda *_: Mail("s", "t", "h"))
    assert drain(store, topics) == 2
    (watched,) = topics.of(WATCHES)
    (mail,) = topics.of(MESSAGES_DUE)
    assert isinstance(mail, MessageDue)
    assert (watched.watch, watched.revision) == ("id1", store.watches.get("id1").revision)
    assert (mail.recipient, mail.subject, mail.origin) == ("mailto:a@b.example", "s", "simulation")
    # The mail held a secret: nothing of it is left.
    with store.database.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM messages").scalar() == 0


def test_a_change_that_fails_marks_nothing(store, topics):
    def no_mail(*_: object) -> Mail:
        raise RuntimeError("template broken")

    with pytest.raises(RuntimeError):
        store.watches.create(DRAFT, ("mailto:a@b.example",), no_mail)
    assert drain(store, topics) == 0
    assert store.watches.all() == []


def large(store: Store) -> None:
    """A watch whose event is beyond the broker's limit, as one made before watches had bounds."""
    terms = tuple(f"{number:06} " + "é" * 90 for number in range(6_000))
    draft = WatchDraft.model_construct(**{**dict(DRAFT), "query": Query(any=terms)})
    store.watches.create(draft)


def test_what_is_too_large_holds_back_nothing_else(store, topics):
    large(store)
    store.watches.create(DRAFT, ("mailto:a@b.example",), lambda *_: Mail("s", "t", "h"))
    relay = Relay(store, topics)
    assert asyncio.run(relay.drain()) == 2
    assert [event.key for event in topics.of(WATCHES)] == ["id2"]
    assert "1 passed over: watches.v1 id1" in str(relay.passed_over)
    assert asyncio.run(relay.drain()) == 0
    assert len(topics.told) == 2, "nothing is published again for it"
    assert backlog(store).keys == 1
    store.watches.update("id1", DRAFT)
    assert asyncio.run(relay.drain()) == 1
    assert relay.passed_over is None
    assert backlog(store).keys == 0


def test_topics_that_were_told_are_not_told_again_for_another(store):
    class Half(Topics):
        async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
            if topic is WATCHES and self.away:
                raise ConnectionError("no broker")
            self.told += [(topic, event) for event in events]

    half = Half()
    half.away = True
    store.watches.create(DRAFT, ("mailto:a@b.example",), lambda *_: Mail("s", "t", "h"))
    relay = Relay(store, half)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            asyncio.run(relay.drain())
    half.away = False
    assert asyncio.run(relay.drain()) == 1
    assert sorted(topic.name for topic, _ in half.told) == [MESSAGES_DUE.name, WATCHES.name]


def test_one_relay_at_a_time(open_store, store):
    first, second = RelayLock(store.database), RelayLock(open_store().database)
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


async def test_the_relay_runs_waits_out_the_broker_and_stops(store, now, topics):
    topics.away = True
    store.accounts.register(claim(now, state="verified"))
    relay = Relay(store, topics)
    running = asyncio.create_task(relay.run())
    await until(lambda: relay.trouble is not None)
    assert "no broker" in str(relay.trouble)
    topics.away = False
    await until(lambda: bool(topics.told))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    other = RelayLock(store.database)
    assert other.acquire()
    other.release()


def test_two_watches_mark_the_same_person_alike_and_nobody_who_knows_the_address_can(store, topics):
    tells = ("mailto:astreinte@essai.example",)
    store.watches.create(DRAFT, tells)
    store.watches.create(DRAFT, (*tells, "mailto:renfort@essai.example"))
    drain(store, topics)
    marks = [{one.address: one.mark for one in watch.recipients} for watch in topics.of(WATCHES)]
    assert marks[0][tells[0]] == marks[1][tells[0]]
    assert len({*marks[0].values(), *marks[1].values()}) == 2
    assert recipient_name(tells[0]) not in marks[0].values()


def test_a_watch_told_again_has_the_marks_that_it_had(store, topics):
    made = store.watches.create(DRAFT, ("mailto:astreinte@essai.example",))
    drain(store, topics)
    store.watches.tell_again()
    drain(store, topics)
    first, again = (watch.recipients for watch in topics.of(WATCHES))
    assert first == again
    assert first[0].mark
    assert made.recipients[0].mark is None
