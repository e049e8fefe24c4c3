"""A watch tells nobody who has not confirmed; its secret is never kept."""

import base64

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from contracts.watches import (
    TERMS_AT_MOST,
    Past,
    Query,
    QuietHours,
    Recipient,
    Watched,
    recipient_name,
)
from services.api.store import (
    Mail,
    StaleError,
    TransitionError,
    UnknownError,
    WatchDraft,
    invitation_limits,
)
from services.api.store.errors import TooManyError
from services.api.store.models import WatchRow
from services.api.store.returns import LONGEST_SEAL, opened, sealed
from services.api.store.watches import HANDLED_KEPT

DRAFT = WatchDraft(
    territory="00001",
    name="Coupures d’eau",
    purpose="informer l’astreinte",
    query=Query(any=("coupure d'eau", "fuite")),
    mode="peak",
    quiet=QuietHours(start=1320, end=420, crisis_terms=("évacuation",)),
)


class Letters:
    """Writes the mails that ask for a confirmation, and remembers their secrets."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def __call__(self, watched: Watched, address: str, token: str) -> Mail | None:
        self.tokens.append(token)
        return Mail(f"Confirmez {watched.name}", f"https://…/{token}", f"<a>{address}</a>")


def test_a_watch_is_kept_whole(store, now):
    watched = store.watches.create(DRAFT, ("mailto:a@b.example", "slack://T/B/X"))
    assert (watched.watch, watched.revision, watched.state) == ("id1", 1, "active")
    assert watched.query == DRAFT.query
    assert watched.quiet == DRAFT.quiet
    assert watched.recipients == (
        Recipient(address="mailto:a@b.example"),
        Recipient(address="slack://T/B/X"),
    )
    assert store.watches.get("id1") == watched
    assert store.watches.of_territory("00001") == store.watches.all() == [watched]
    assert watched.created_at == now()


def test_confirming_with_the_secret_that_was_sent(store, now):
    letters = Letters()
    store.watches.create(DRAFT, ("mailto:a@b.example", "mailto:c@d.example"), letters)
    asked = store.watches.asked(letters.tokens[1])
    assert asked is not None
    assert asked[1] == "mailto:c@d.example"
    watched, address = store.watches.confirm(letters.tokens[1])
    assert address == "mailto:c@d.example"
    assert [(r.address, r.confirmed) for r in watched.recipients] == [
        ("mailto:a@b.example", False),
        ("mailto:c@d.example", True),
    ]
    assert watched.revision == 2
    again, _ = store.watches.confirm(letters.tokens[1])
    assert again == watched


@pytest.mark.parametrize("token", ["", "wrong", "x" * 400])
def test_wrong_secrets(store, token):
    store.watches.create(DRAFT, ("mailto:a@b.example",), Letters())
    assert store.watches.asked(token) is None
    with pytest.raises(UnknownError):
        store.watches.confirm(token)


def test_a_secret_dies_after_fourteen_days_and_when_replaced(store, now):
    letters = Letters()
    store.watches.create(DRAFT, ("mailto:a@b.example",), letters)
    store.watches.invite("id1", "mailto:a@b.example", letters)
    with pytest.raises(UnknownError):
        store.watches.confirm(letters.tokens[0])
    now.pass_(days=15)
    with pytest.raises(UnknownError):
        store.watches.confirm(letters.tokens[1])


def test_the_secret_itself_is_nowhere_but_in_the_mail(store):
    letters = Letters()
    store.watches.create(DRAFT, ("mailto:a@b.example",), letters)
    with store.database.engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM watch_recipients")).all())
        mails = str(connection.execute(text("SELECT * FROM messages")).all())
    assert letters.tokens[0] not in kept
    assert letters.tokens[0] in mails


def test_changing_a_watch(store, now):
    created = store.watches.create(DRAFT)
    later = now.pass_(hours=1)
    changed = store.watches.update("id1", DRAFT.model_copy(update={"name": "Eau", "quiet": None}))
    assert (changed.name, changed.quiet, changed.revision) == ("Eau", None, 2)
    assert (changed.created_at, changed.changed_at) == (created.created_at, later)
    assert store.watches.move("id1", "paused").state == "paused"
    assert store.watches.move("id1", "ended").state == "ended"
    assert store.watches.of_territory("00001") == []
    with pytest.raises(TransitionError):
        store.watches.move("id1", "active")


def test_recipients_go(store):
    store.watches.create(DRAFT, ("mailto:a@b.example", "mailto:c@d.example"))
    left = store.watches.remove("id1", "mailto:a@b.example")
    assert [r.address for r in left.recipients] == ["mailto:c@d.example"]
    with pytest.raises(UnknownError):
        store.watches.remove("id1", "mailto:a@b.example")


@pytest.mark.parametrize(
    "wrong", [{"purpose": ""}, {"name": ""}, {"window_minutes": 1}, {"query": {"any": ["x"]}}]
)
def test_a_draft_out_of_bounds_is_refused(wrong):
    with pytest.raises(ValidationError):
        WatchDraft.model_validate(DRAFT.model_dump() | wrong)


def test_who_left_may_come_back_for_a_day_and_who_was_removed_may_not(store, now):
    letters = Letters()
    two = ("mailto:a@b.example", "mailto:c@d.example")
    store.watches.create(DRAFT, two, letters)
    seal = store.watches.leave("id1", two[0])
    assert seal is not None
    told = store.watches.remove("id1", two[1]).encode().decode()
    assert "left" not in told
    assert "pads" not in told
    with pytest.raises(UnknownError):
        store.watches.come_back("id1", sealed(two[1])[0], letters)
    back = store.watches.come_back("id1", seal, letters)
    assert back.recipients == (Recipient(address=two[0]),)
    assert len(letters.tokens) == 3
    assert store.watches.leave("id1", two[0]) is None, "once a day: each return writes to it"
    with pytest.raises(UnknownError):
        store.watches.come_back("id1", seal, letters)
    now.pass_(days=1, seconds=1)
    store.watches.invite("id1", two[0])
    late = store.watches.leave("id1", two[0])
    assert late is not None
    now.pass_(days=1, seconds=1)
    with pytest.raises(UnknownError):
        store.watches.come_back("id1", late, letters)


@pytest.mark.parametrize("address", ["mailto:a@b.example", f"mailto:{'é' * 500}@b", "x" * 256])
def test_neither_half_of_a_return_says_the_address(address):
    seal, pad = sealed(address)
    assert len(seal) <= LONGEST_SEAL
    assert opened(seal, pad) == address
    assert address not in base64.urlsafe_b64decode(seal).decode(errors="replace")
    for wrong in (seal[:-4], "", "é", sealed(address)[0]):
        assert opened(wrong, pad) != address


def test_a_watch_that_ends_forgets_whom_it_told(store):
    two = ("mailto:a@b.example", "mailto:c@d.example")
    store.watches.create(DRAFT, two)
    store.watches.leave("id1", two[1])
    assert store.watches.move("id1", "ended").recipients == ()
    with store.database.engine.connect() as connection:
        kept = [
            str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("watch_recipients", "watches")
        ]
    assert "b.example" not in str(kept)
    assert recipient_name(two[1]) not in str(kept)


@pytest.mark.parametrize("act", ["leave", "remove"])
def test_nobody_is_held_by_a_watch_that_ended(store, act):
    """One that ended before ends forgot."""
    store.watches.create(DRAFT, ("mailto:a@b.example",))
    with store.database.writing() as session:
        session.get_one(WatchRow, "id1").state = "ended"
    getattr(store.watches, act)("id1", "mailto:a@b.example")
    known = store.watches.get("id1")
    assert known.recipients == ()


def test_what_was_seen_outlives_a_change_and_is_not_kept_for_ever(store):
    store.watches.create(DRAFT)
    for number in range(HANDLED_KEPT + 3):
        store.watches.handle("id1", f"g{number}")
    before = store.watches.handle("id1", "g52")
    assert [one.group for one in before.seen] == [f"g{n}" for n in range(3, HANDLED_KEPT + 3)]
    assert store.watches.update("id1", DRAFT).seen == before.seen


def test_an_exercise_is_for_those_who_confirmed(store):
    letters = Letters()
    store.watches.create(DRAFT, ("mailto:a@b.example", "mailto:c@d.example"), letters)
    store.watches.confirm(letters.tokens[1])
    told: list[str] = []

    def write(watched: Watched, address: str) -> Mail:
        told.append(address)
        return Mail("EXERCICE", "EXERCICE", "EXERCICE")

    assert store.watches.exercise("id1", write) == 1
    assert told == ["mailto:c@d.example"]
    store.watches.move("id1", "ended")
    with pytest.raises(TransitionError):
        store.watches.exercise("id1", write)


def test_a_change_made_from_older_words_is_refused(store):
    made = store.watches.create(DRAFT)
    taught = store.watches.leave_out("id1", "piscine", settled=made.settled)
    assert taught.query.none == ("piscine",)
    assert taught.quiet == DRAFT.quiet
    assert store.watches.leave_out("id1", "piscine") == taught
    for stale in (
        lambda: store.watches.update("id1", DRAFT, settled=made.settled),
        lambda: store.watches.leave_out("id1", "gymnase", settled=made.settled),
    ):
        with pytest.raises(StaleError):
            stale()
    assert store.watches.get("id1") == taught
    store.watches.move("id1", "paused")
    assert store.watches.update("id1", DRAFT, settled=taught.settled).query == DRAFT.query


def test_other_words_begin_with_no_past(store, now):
    past = Past(since=now(), until=now(), seen="AAAA")
    store.watches.create(DRAFT, past=past)
    later = now.pass_(hours=1)
    assert store.watches.update("id1", DRAFT.model_copy(update={"name": "Eau"})).past == past
    assert store.watches.leave_out("id1", "piscine").past == Past(since=later, until=later)


@pytest.mark.parametrize(
    "unbounded",
    [
        {"query": Query(any=tuple(f"mot {number}" for number in range(TERMS_AT_MOST + 1)))},
        {"query": Query(any=("x",))},
        {"quiet": QuietHours(start=1320, end=420, crisis_terms=("x",))},
    ],
    ids=["many terms", "one letter", "one letter in a crisis"],
)
def test_bounds_are_of_drafts_and_not_of_events(store, unbounded):
    with pytest.raises(ValidationError):
        WatchDraft.model_validate(DRAFT.model_dump() | unbounded)
    old = store.watches.create(DRAFT).model_copy(update=unbounded)
    assert Watched.read(old.encode()) == old


def test_a_single_capital_is_the_name_of_a_commune(store):
    named = {"query": Query(any=("Y",))}
    assert WatchDraft.model_validate(DRAFT.model_dump() | named).query.any == ("Y",)


def test_invitations_of_an_hour_are_limited_in_all(store, now, monkeypatch):
    monkeypatch.setattr(invitation_limits, "IN_ALL", 3)
    watch = store.watches.create(DRAFT, ("mailto:a@x.example",), Letters()).watch
    for name in "bc":
        store.watches.invite(watch, f"mailto:{name}@x.example", Letters())
    with pytest.raises(TooManyError):
        store.watches.invite(watch, "mailto:d@x.example", Letters())
    assert len(store.watches.get(watch).recipients) == 3
    now.pass_(hours=1)
    store.watches.invite(watch, "mailto:d@x.example", Letters())
