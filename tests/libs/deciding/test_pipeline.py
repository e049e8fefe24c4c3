"""What a decider tells, holds and keeps silent: every reason, in the order of the stages."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.alerts import AlertRaised, DeciderState, Evidence, Silence
from contracts.erasures import Suppressions, author_key
from contracts.event import hashed_id
from contracts.mentions import MentionMatched
from contracts.sightings import digest_of, minute_of, packed
from contracts.topics import ALERTS_STATE
from contracts.watches import Past, Pause, Query, QuietHours, Seen, Watched
from libs.deciding.hours import quiet_until
from libs.deciding.pipeline import decide
from libs.deciding.stages import Look
from libs.deciding.state import WAITING_KEPT, WatchState
from libs.wire.wire import refusal
from tests.alerts.builders import NOW, erased, match, raised, watched

PLACE = "Essai-sur-Onde"
NIGHT = QuietHours(start=22 * 60, end=7 * 60, crisis_terms=("inondation",))
EVENING = datetime(2026, 11, 24, 22, 10, tzinfo=UTC)


class Decider:
    """A watch and its state, told matches one after the other."""

    def __init__(self, watch: Watched | None = None, **fields: Any) -> None:
        self.watch = watch or watched(**fields)
        self.state = WatchState(self.watch.watch)
        self.silences: list[Silence] = []

    def take(
        self, *matches: MentionMatched, now: datetime = NOW, own: frozenset[str] = frozenset()
    ) -> AlertRaised | None:
        look = Look(self.watch, self.state, now, own)
        alert = decide(look, matches, PLACE)
        self.silences = [reason for _, reason in look.silenced]
        return alert

    def sleep(self) -> None:
        """Go through a snapshot."""
        saved = self.state.snapshot(0, "simulation", NOW)
        self.state = WatchState.load(DeciderState.read(saved.encode()))


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../Paris", "Europe", "é" * 64])
def test_a_zone_that_this_machine_does_not_know_keeps_no_match_from_being_told(zone):
    """Each look failed, and couriers, which tell it by the hours of Paris, had nothing to tell."""
    decider = Decider(timezone=zone, quiet=NIGHT, mode="peak")
    assert decider.take(*map(match, range(20)))


def test_a_first_match_is_told_at_once():
    decider = Decider()
    alert = decider.take(match(1))
    assert "1 rue Basse" in alert.title
    assert alert.why == "1\u00a0message parle de «\u00a0coupure d’eau\u00a0»."
    assert [evidence.subject for evidence in alert.evidence] == ["s1"]
    assert decider.state.due is None
    assert decider.silences == []


@pytest.mark.parametrize(
    ("fields", "everywhere", "named"),
    [
        ({"excerpt": "Brocante à Villefictif, coupure d'eau"}, (), False),
        ({"excerpt": "Coupure d'eau à essai sur onde"}, (), True),
        ({"excerpt": "Coupure d'eau rue Basse", "title": "Essai-sur-Onde sans eau"}, (), True),
        ({"excerpt": "… coupure d'eau rue Basse …"}, (PLACE,), True),
    ],
)
def test_a_title_names_the_place_only_if_a_text_does(fields, everywhere, named):
    decider = Decider(query=Query(any=("coupure d’eau",), all=everywhere))
    alert = decider.take(*[match(number, **fields) for number in range(2)])
    assert alert
    where = f" · {PLACE}" if named else ""
    assert alert.title == f"Coupure d’eau · 2\u00a0messages{where}"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Plus d'eau · rue Basse.", "Plus d’eau rue Basse · Bluesky"),
        ("mot " * 30 + "coupure d'eau rue Basse", "…coupure d’eau rue Basse · Bluesky"),
        ("coupure d'eau " + "mot " * 30, "Coupure d’eau" + " mot" * 14 + "… · Bluesky"),
    ],
)
def test_one_text_is_told_by_its_words_and_its_network(said, title):
    assert Decider().take(match(1, excerpt=said)).title == title


SILENT: dict[Silence, Callable[[Decider], AlertRaised | None]] = {
    Silence.PAUSED: lambda d: _of(d, state="paused").take(match(1)),
    Silence.ENDED: lambda d: _of(d, state="ended").take(match(1)),
    Silence.OWN: lambda d: d.take(match(1, source="ours"), own=frozenset({"ours"})),
    Silence.IGNORED: lambda d: _of(d, ignored=("s1",)).take(match(1)),
    Silence.REWORDED: lambda d: _of(d, query=Query(any=("inondation",)), settled=2).take(match(1)),
    Silence.REPEATED: lambda d: (d.take(match(1)), d.take(match(1), now=after(90)))[1],
    Silence.STALE: lambda d: d.take(match(1, published_at=after(-60 * 49))),
    Silence.QUIET: lambda d: _of(d, quiet=NIGHT).take(match(1), now=EVENING),
    Silence.COOLDOWN: lambda d: (d.take(match(1)), d.take(match(2), now=after(5)))[1],
}


def _of(decider: Decider, **fields: Any) -> Decider:
    decider.watch = watched(**fields)
    return decider


@pytest.mark.parametrize("reason", SILENT, ids=str)
def test_every_reason_is_silent_and_counted(reason):
    decider = Decider()
    assert SILENT[reason](decider) is None
    assert decider.silences == [reason]


def test_what_was_said_before_the_watch_was_made_is_its_history():
    decider = Decider(created_at=NOW)
    assert decider.take(match(1, published_at=after(-1)), now=after(1)) is None
    assert decider.silences == [Silence.STALE]
    assert decider.state.sightings.count(after(-10), after(1)) == 1
    assert decider.take(match(2, published_at=after(1)), now=after(2))


ELSEWHERE = "Coupure d'eau à Villefictif, pas chez nous"


def rewritten(**query: Any) -> Query:
    return Query(**{"any": ("coupure d’eau", "inondation"), **query})


@pytest.mark.parametrize(
    ("query", "excerpt", "told"),
    [
        (rewritten(none=("Villefictif",)), ELSEWHERE, False),
        (rewritten(none=("Villefictif",)), f"…{ELSEWHERE}…", False),
        (rewritten(none=("exercice",)), ELSEWHERE, True),
        (rewritten(any=("inondation",)), ELSEWHERE, False),
        (rewritten(any=("inondation",)), f"{ELSEWHERE}…", True),
        (rewritten(all=("rue Basse",)), f"…{ELSEWHERE}", True),
        (rewritten(networks=("mastodon",)), f"{ELSEWHERE}…", False),
    ],
)
def test_what_waits_is_looked_at_again_when_the_words_change(query, excerpt, told):
    """« Ce n'est pas nous » promises that texts with a word are told no more."""
    decider = Decider()
    decider.take(match(1))
    assert decider.take(match(2, excerpt=excerpt), now=after(5)) is None
    decider.sleep()
    _of(decider, query=query, revision=2, settled=2)
    assert decider.take(now=after(6)) is None
    assert (Silence.REWORDED in decider.silences) != told
    decider.sleep()
    assert (decider.take(now=after(60)) is not None) == told
    assert decider.take(match(2, excerpt=excerpt), now=after(61)) is None
    counted = decider.state.sightings.count(after(-10), after(61))
    assert counted == (2 if told else 1)


def test_a_match_by_earlier_words_that_comes_late_is_looked_at_too():
    decider = Decider(query=rewritten(none=("Villefictif",)), revision=2, settled=2)
    assert decider.take(match(1, excerpt=ELSEWHERE, watch_revision=1)) is None
    assert decider.silences == [Silence.REWORDED]
    assert decider.take(match(2, watch_revision=1))


def test_a_crowd_that_waits_is_not_told_without_one_text_that_is_wanted():
    """Of fifty, twenty have kept their text: those which are left out stand for the others."""
    decider = Decider(quiet=NIGHT)
    crowd = [match(n, excerpt=ELSEWHERE, published_at=EVENING) for n in range(50)]
    assert decider.take(*crowd, now=EVENING) is None
    _of(decider, quiet=NIGHT, query=rewritten(none=("Villefictif",)), revision=2, settled=2)
    assert decider.take(now=EVENING + timedelta(minutes=1)) is None
    assert decider.silences == [Silence.REWORDED] * 50


def test_a_peak_of_the_night_counts_no_more_what_is_left_out():
    fields = {"mode": "peak", "window_minutes": 20, "quiet": NIGHT}
    decider = Decider(watched(**fields))
    night = EVENING + timedelta(hours=4)
    for n in range(8):
        said = {"excerpt": ELSEWHERE} if n < 2 else {}
        decider.take(match(n, published_at=night, **said), now=night)
    _of(decider, **fields, query=rewritten(none=("Villefictif",)), revision=2, settled=2)
    morning = datetime(2026, 11, 25, 6, tzinfo=UTC)
    alert = decider.take(now=morning)
    assert alert.total == 6
    assert decider.state.peak is None


def test_an_ignored_source_is_left_out():
    decider = Decider(ignored=("https://homonyme.example/feed",))
    assert decider.take(match(1, source="https://homonyme.example/feed")) is None


def test_the_cooldown_groups_then_tells():
    decider = Decider()
    first = decider.take(match(1))
    assert decider.take(match(2), match(3), now=after(5)) is None
    assert decider.state.due == after(60)
    assert decider.take(now=after(59)) is None
    decider.sleep()
    second = decider.take(now=after(60))
    assert second.group == first.group
    assert second.alert != first.alert
    assert [evidence.subject for evidence in second.evidence] == ["s2", "s3"]
    assert "1 autre" in second.why


def test_an_event_that_grows_is_told_again_within_the_cooldown():
    """Ten minutes after the message before: nobody has read that one when it doubles at once."""
    decider = Decider()
    told = [decider.take(match(n), now=after(n / 100)) for n in range(8)]
    assert [alert.total for alert in told if alert] == [1, 7]
    assert not any(decider.take(match(n), now=after(n / 100)) for n in range(8, 30))
    decider.sleep()
    assert set(decider.silences) == {Silence.COOLDOWN}
    alert = decider.take(now=after(10.07))
    assert alert.total == 22
    assert "8 autres" in alert.why
    assert "multipliée par 3" in alert.why


def test_a_peak_that_doubles_is_one_reminder_that_says_what_was_told():
    """As the staged crisis: 3, 8, then 16 messages within 45 s were three messages."""
    decider = Decider(mode="peak", sensitivity="sensitive", created_at=after(-60 * 24 * 40))
    told = [decider.take(match(n), now=after(n / 20)) for n in range(16)]
    assert [alert.total for alert in told if alert] == [3]
    later = decider.take(now=after(10.1))
    assert later.total == 16
    assert "16\u00a0messages en 1\u00a0h, dont 3 déjà signalés," in later.why


def test_a_real_crisis_is_told_again_at_once_and_but_once():
    decider = Decider(mode="peak", sensitivity="sensitive", created_at=after(-60 * 24 * 40))
    told = [decider.take(match(n), now=after(n / 1_000)) for n in range(500)]
    assert [alert.total for alert in told if alert] == [3, 24]
    assert decider.state.due == after(10.002)
    later = decider.take(now=after(10.002))
    assert later.total == 500
    assert "dont 24 déjà signalés" in later.why


def test_reminders_stop_when_somebody_has_seen_the_event_while_one_is_held():
    decider = Decider()
    first = decider.take(match(0))
    assert first
    assert not decider.take(*map(match, range(1, 7)), now=after(1))
    _of(decider, handled=(first.group,))
    assert decider.take(now=after(10)) is None
    assert decider.state.due == after(60)


ARRIVALS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 1_200)), max_size=30)


@given(ARRIVALS, st.sampled_from(["each", "peak"]), st.sampled_from([10, 15, 60, 1440]))
def test_of_one_affair_two_messages_at_most_in_any_ten_minutes(arrivals, mode, cooldown):
    """Before its cooldown, only when it has doubled; before ten minutes, eightfold."""
    decider = Decider(
        mode=mode,
        cooldown_minutes=cooldown,
        sensitivity="sensitive",
        created_at=NOW - timedelta(days=40),
    )
    now, number = NOW, 0
    told: dict[str, list[tuple[datetime, int]]] = {}

    def look(*matches: MentionMatched) -> None:
        if alert := decider.take(*matches, now=now):
            event = decider.state.event
            told.setdefault(alert.group, []).append((now, event.total))

    for many, seconds in arrivals:
        later = now + timedelta(seconds=seconds)
        while decider.state.due and decider.state.due <= later:
            now = max(now, decider.state.due)
            look()
        now = later
        look(*[match(number + n, published_at=now) for n in range(many)])
        number += many
    for messages in told.values():
        for (first, _), (third, _) in zip(messages, messages[2:], strict=False):
            assert third - first >= timedelta(minutes=10)
        for (first, before), (second, total) in pairwise(messages):
            if second - first < timedelta(minutes=cooldown):
                assert total >= 2 * before
            if second - first < timedelta(minutes=10):
                assert total >= 8 * before


def test_a_reminder_says_how_the_event_has_grown_and_an_ordinary_message_does_not():
    decider = Decider()
    told = [decider.take(*map(match, range(6)))]
    decider.take(*map(match, range(6, 13)), now=after(1))
    told += [decider.take(now=after(10))]
    decider.take(*map(match, range(20, 59)), now=after(11))
    told += [decider.take(now=after(20)), decider.take(match(60), now=after(90))]
    grown = [re.search(r"L’affaire a (.*) depuis le message précédent", a.why) for a in told if a]
    assert [found and found[1] for found in grown] == [None, "doublé", "été multipliée par 4", None]


@pytest.mark.parametrize("mode", ["each", "peak"])
def test_an_event_that_somebody_has_seen_is_told_again_only_after_the_cooldown(mode):
    decider = Decider(mode=mode, window_minutes=120, created_at=NOW - timedelta(days=40))
    first = next(filter(None, (decider.take(match(n)) for n in range(1, 9))))
    _of(decider, mode=mode, window_minutes=120, handled=(first.group,))
    told = [decider.take(match(n), now=after(n / 10)) for n in range(10, 60)]
    assert not any(told)
    later = decider.take(now=after(61))
    assert later.group == first.group
    assert "L’affaire" not in later.why


def test_an_event_is_over_after_two_cooldowns():
    decider = Decider()
    first, second = decider.take(match(1)), decider.take(match(2), now=after(121))
    assert first.group != second.group


def test_what_is_deleted_while_it_waits_is_not_told():
    decider = Decider()
    decider.take(match(1))
    decider.take(match(2), now=after(1))
    decider.take(match(2, state="deleted"), now=after(2))
    assert decider.silences == [Silence.DELETED]
    assert decider.take(now=after(60)) is None
    assert decider.take(match(2), now=after(61)) is None
    assert decider.silences == [Silence.REPEATED]


def test_a_night_of_12000_messages_is_counted_whole_and_its_snapshot_taken_by_the_broker():
    """All were listed: beyond 1 MiB the snapshot was tried for ever, and no watch was looked at."""
    decider = Decider(quiet=NIGHT)
    for start in range(0, 12_000, 1_000):
        messages = [match(n, subject=hashed_id(str(n))) for n in range(start, start + 1_000)]
        assert decider.take(*messages, now=EVENING) is None
    saved = decider.state.snapshot(0, "simulation", EVENING)
    assert len(saved.waiting) == WAITING_KEPT
    assert refusal(ALERTS_STATE, saved.key.encode(), saved.encode()) is None
    decider.sleep()
    alert = decider.take(match(12_000), now=EVENING + timedelta(hours=10))
    assert alert.total == decider.state.event.total == 12_001
    assert decider.state.unlisted == 0


def test_quiet_hours_end_in_one_message():
    decider = Decider(quiet=NIGHT)
    for n in range(1, 4):
        at = EVENING + timedelta(hours=n)
        assert decider.take(match(n, published_at=at), now=at) is None
    morning = datetime(2026, 11, 25, 6, tzinfo=UTC)
    assert decider.state.due == morning
    alert = decider.take(now=morning)
    assert alert.total == 3


def test_a_crisis_term_wakes():
    decider = Decider(quiet=NIGHT)
    decider.take(match(1, published_at=EVENING), now=EVENING)
    alert = decider.take(
        match(2, excerpt="Inondation, coupure d’eau", published_at=EVENING), now=EVENING
    )
    assert alert.total == 2


@pytest.mark.parametrize(
    ("local", "ends"),
    [("21:59", None), ("22:00", "07:00"), ("23:30", "07:00"), ("06:59", "07:00"), ("07:00", None)],
)
def test_quiet_hours_are_of_the_zone_and_pass_midnight(local, ends):
    zone = ZoneInfo("Indian/Reunion")
    hour, minute = map(int, local.split(":"))
    now = datetime(2026, 11, 24, hour, minute, tzinfo=zone).astimezone(UTC)
    until = quiet_until(NIGHT, now, zone)
    assert (until and until.astimezone(zone).strftime("%H:%M")) == ends
    assert until is None or now < until <= now + timedelta(hours=9)


def test_a_peak_is_told_once_and_not_for_its_tail():
    decider = Decider(mode="peak", window_minutes=20, created_at=NOW - timedelta(days=40))
    told = [decider.take(match(n, published_at=after(n)), now=after(n)) for n in range(1, 15)]
    alerts = [alert for alert in told if alert]
    assert [(alert.kind, alert.total, alert.usual) for alert in alerts] == [("peak", 5, 0)]
    reminder = decider.take(now=after(15))
    assert "14 en 20\u00a0min" in reminder.title
    assert "dont 5" in reminder.why
    assert "aucun" in reminder.why
    assert not any(decider.take(match(n, published_at=after(n)), now=after(n)) for n in (16, 17))
    assert decider.take(now=after(75)) is None
    assert decider.silences == [Silence.USUAL, Silence.USUAL]
    assert not decider.state.waiting


@pytest.mark.parametrize("minutes", [0, 1, 3, 6])
def test_no_message_is_counted_twice(minutes):
    """Of an event told before, those that the window holds are within the total, others beside."""
    decider = Decider(
        mode="peak", window_minutes=20, sensitivity="sensitive", created_at=NOW - timedelta(days=40)
    )
    published = {f"s{n}": after(n * minutes) for n in range(30)}
    told: list[str] = []
    again = 0
    for number, (subject, at) in enumerate(published.items(), 1):
        alert = decider.take(match(number - 1, published_at=at), now=at)
        if alert is None:
            continue
        inside = [one for one in told if published[one] > at - timedelta(minutes=20)]
        within = re.search(r"dont (\d+) déjà signalés?,", alert.why)
        beside = re.search(r"(\d+) autres? de la même affaire", alert.why)
        assert int(within[1] if within else 0) == len(inside)
        assert int(beside[1] if beside else 0) == len(told) - len(inside)
        assert alert.total + len(told) - len(inside) <= number
        again += bool(told)
        told += [evidence.subject for evidence in alert.evidence]
        assert subject in told
    assert again


def learnt(subjects: Sequence[tuple[str, datetime]], until: datetime = NOW) -> Past:
    entries = ((digest_of(subject), minute_of(at)) for subject, at in subjects)
    return Past(since=NOW - timedelta(days=29), until=until, seen=packed(entries))


def test_a_new_watch_that_knows_its_past_tells_what_is_usual():
    """Two texts an hour were usual: a third within the window is no peak, a crowd is."""
    before = [(f"p{n}", NOW - timedelta(minutes=30 * n + 5)) for n in range(29 * 48)]
    fields = {"mode": "peak", "window_minutes": 60, "created_at": NOW, "sensitivity": "sensitive"}
    decider, unaware = Decider(past=learnt(before), **fields), Decider(**fields)
    told = [decider.take(match(n, published_at=after(n)), now=after(n)) for n in range(1, 12)]
    without = [unaware.take(match(n, published_at=after(n)), now=after(n)) for n in range(1, 12)]
    first, first_without = next(filter(None, told)), next(filter(None, without))
    assert (first.usual, first_without.usual) == (2, None)
    assert "d’habitude 2" in first.why
    assert "apprentissage" not in first.why
    assert "apprentissage" in first_without.why
    decider.sleep()
    again = decider.state.sightings.count(NOW - timedelta(days=7), NOW)
    decider.take(now=after(60))
    assert decider.state.sightings.count(NOW - timedelta(days=7), NOW) == again == 7 * 48


def test_what_the_past_holds_is_neither_told_nor_counted_again():
    decider = Decider(created_at=NOW, past=learnt([("s1", after(-3))]))
    assert decider.take(match(1, published_at=after(-3)), now=after(1)) is None
    assert decider.state.sightings.count(after(-10), after(1)) == 1


def test_a_watch_that_looks_for_other_words_learns_anew_and_loses_nothing_in_flight():
    decider, old = Decider(cooldown_minutes=0), NOW - timedelta(days=3)
    decider.take(match(1, published_at=old), match(2, published_at=NOW), now=after(1))
    past = learnt([("p1", old)], NOW - timedelta(hours=48))
    _of(decider, cooldown_minutes=0, past=past, query=Query(any=("inondation",)))
    assert decider.take(match(1, published_at=old), now=after(2)) is None
    assert decider.silences == [Silence.REPEATED]
    assert decider.state.sightings.count(old - timedelta(hours=1), after(2)) == 2
    assert decider.take(match(3, published_at=after(-5)), now=after(3))


def hourly(days: int, before: datetime, each: int = 9) -> list[tuple[str, datetime]]:
    """Return so many texts in each of the last hours."""
    return [
        (f"{before}-{hour}-{n}", before - timedelta(hours=hour, minutes=5 + n))
        for hour in range(24 * days)
        for n in range(each)
    ]


def test_what_a_past_does_not_hold_is_not_silence():
    """The past of a busy watch that is modified is cut: five days are known, not forty of none."""
    decider = Decider(mode="peak", created_at=NOW - timedelta(days=40))
    decider.take(match(0), now=NOW)
    entries = [(digest_of(s), minute_of(at)) for s, at in hourly(5, NOW - timedelta(days=2))]
    until = NOW - timedelta(days=2)
    past = Past(since=NOW - timedelta(days=7), until=until, seen=packed(entries))
    _of(decider, mode="peak", created_at=NOW - timedelta(days=40), past=past)
    for subject, at in hourly(2, NOW):
        decider.state.sightings.see(subject, at)
    told = [decider.take(match(n), now=after(n / 60)) for n in range(1, 60)]
    first = next(filter(None, told))
    assert first.usual == 9
    assert "apprentissage" in first.why
    assert first.total > 3 * 9


@pytest.mark.parametrize(("weeks", "usual"), [(1, 9), (3, 9), (5, None)])
def test_a_pause_is_no_silence(weeks, usual):
    """What is usual is that of the weeks that are known, if any; resumed, the watch learns."""
    begun = NOW - timedelta(weeks=weeks)
    fields = {
        "mode": "peak",
        "created_at": NOW - timedelta(days=100),
        "pauses": (Pause(since=begun, until=NOW - timedelta(hours=14 if usual else 1)),),
    }
    decider = Decider(watched(**fields))
    for subject, at in hourly(36, NOW):
        if not begun <= at < NOW - timedelta(hours=14 if usual else 1):
            decider.state.sightings.see(subject, at)
    told = [decider.take(match(n), now=after(n / 60)) for n in range(1, 60)]
    alert = next(filter(None, told))
    assert alert.usual == usual
    assert alert.total >= (27 if usual else 10)
    assert ("apprentissage" in alert.why) == (weeks > 2)


def test_a_past_that_ends_after_a_pause_knows_of_it():
    pause = Pause(since=NOW - timedelta(days=20), until=NOW - timedelta(days=1))
    fields = {"mode": "peak", "pauses": (pause,), "past": learnt([], NOW - timedelta(hours=1))}
    told = [Decider(watched(**fields)).take(*map(match, range(5)), now=NOW)]
    (alert,) = filter(None, told)
    assert alert.usual == 0
    assert "apprentissage" not in alert.why


def test_a_peak_of_the_night_is_told_in_the_morning():
    decider = Decider(
        mode="peak", window_minutes=20, quiet=NIGHT, created_at=NOW - timedelta(days=40)
    )
    night = EVENING + timedelta(hours=4)
    for n in range(8):
        at = night + timedelta(minutes=n)
        assert decider.take(match(n, published_at=at), now=at) is None
    decider.sleep()
    alert = decider.take(now=datetime(2026, 11, 25, 6, tzinfo=UTC))
    assert alert.total == 8
    assert alert.kind == "peak"


def test_below_a_peak_nothing_is_told():
    decider = Decider(mode="peak", window_minutes=20, created_at=NOW - timedelta(days=40))
    assert decider.take(match(1), match(2)) is None
    assert decider.silences == []
    assert decider.state.due == match(1).published_at + timedelta(minutes=20)
    decider.take(now=after(30))
    assert decider.silences == [Silence.USUAL, Silence.USUAL]


def test_evidence_shows_the_beginning_and_the_end():
    decider = Decider()
    alert = decider.take(*[match(n) for n in range(50)])
    assert alert.total == 50
    assert [e.subject for e in alert.evidence] == [f"s{n}" for n in [*range(10), *range(40, 50)]]


def test_a_snapshot_is_the_state_again():
    """Also that of a watch that took no record yet: its first one is still to come."""
    assert WatchState.load(WatchState("w1").snapshot(0, "simulation", NOW)).offset == 0
    decider = Decider(mode="peak", quiet=NIGHT, created_at=NOW - timedelta(days=40))
    for n in range(30):
        decider.take(match(n, published_at=EVENING), now=EVENING)
    decider.state.offset = 7
    before = decider.state.snapshot(3, "simulation", EVENING)
    assert WatchState.load(before).snapshot(3, "simulation", EVENING) == before
    assert before.peak
    assert len(before.waiting) == 30
    assert len(before.evidence) == 20


STEPS = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(["present", "present", "present", "deleted"]),
        st.integers(0, 90),
    ),
    max_size=40,
)


@given(STEPS, st.sampled_from(["each", "peak"]), st.booleans(), st.booleans())
def test_each_match_is_told_once_or_silenced_with_a_reason(steps, mode, night, sleepy):
    """Nothing is lost between stages: told at most once, else it waits, else a reason was said."""
    decider = Decider(
        watched(
            query=Query(any=("coupure d’eau",)),
            mode=mode,
            quiet=NIGHT if night else None,
            window_minutes=20,
        )
    )
    now, told, silenced, arrived = NOW, list[str](), set[str](), set[str]()
    for number, state, minutes in steps:
        now += timedelta(minutes=minutes)
        look = Look(decider.watch, decider.state, now)
        alert = decide(look, [match(number, published_at=now, state=state)], PLACE)
        told += [evidence.subject for evidence in alert.evidence] if alert else []
        silenced |= {item.subject for item, reason in look.silenced if reason != Silence.REPEATED}
        arrived |= {f"s{number}"} if state == "present" else set()
        if sleepy:
            decider.sleep()
    assert len(told) == len(set(told))
    assert arrived == (set(told) | silenced | set(decider.state.waiting)) & arrived


def test_no_text_stays_in_a_snapshot_beyond_thirty_days():
    said = Evidence(
        subject="s",
        network="rss",
        address="https://p.example/1",
        published_at=NOW,
        received_at=NOW,
        excerpt="ce que quelqu’un a dit",
    )
    state = WatchState("w1")
    state.wait([("s", NOW)], [said])
    month = timedelta(days=30)
    young = state.snapshot(0, "simulation", NOW + month - timedelta(seconds=1))
    assert young.evidence == (said,)
    old = state.snapshot(0, "simulation", NOW + month)
    assert old.evidence == ()
    assert old.waiting == ("s",)


def test_what_is_kept_of_an_alert_bears_no_text():
    alert = raised(1)
    kept = alert.decided
    assert alert.evidence[0].excerpt.encode() not in kept.encode()
    assert (kept.alert, kept.title, kept.total) == (alert.alert, alert.title, alert.total)


ADDRESS = match(1).address


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("account", match(1).source), ("mention", match(1).subject), ("author", author_key(ADDRESS))],
)
def test_what_is_erased_while_it_waits_is_not_told(kind, subject):
    """Held by quiet hours with another's message: told at their end without the first."""
    night = watched(quiet=QuietHours(start=0, end=24 * 60 - 1), cooldown_minutes=0)
    decider = Decider(night)
    other = {"source": "did:other", "address": "https://bsky.app/profile/other.example/post/2"}
    assert decider.take(match(1), match(2, **other)) is None
    going = decider.state
    going.outgoing = [raised(1).model_copy(update={"evidence": tuple(going.evidence.values())})]
    snapshot = DeciderState.read(going.snapshot(0, "simulation", NOW).encode())
    gone = Suppressions([erased(kind, subject)])
    for state in (going, WatchState.load(snapshot)):
        state.dirty = False
        state.erase(gone)
        assert state.dirty, "its next snapshot has it no more"
        assert [*state.waiting] == [*state.evidence] == ["s2"]
        assert [[one.subject for one in told.evidence] for told in state.outgoing] == [["s2"]]
        state.dirty = False
        state.erase(gone)
        assert not state.dirty


def test_seen_an_event_is_told_to_nobody_for_two_hours_then_again():
    decider = Decider()
    first = decider.take(match(0))
    _of(decider, seen=(Seen(group=first.group, at=after(1)),))
    assert not decider.take(match(1), now=after(2))
    assert decider.state.due == after(121)
    assert decider.take(now=after(120)) is None
    assert decider.take(now=after(121)).total == 1


def test_growth_breaks_an_acknowledgement():
    """Forty texts in two seconds after somebody had seen the first: nobody was told for an hour."""
    decider = Decider()
    first = decider.take(match(0))
    _of(decider, seen=(Seen(group=first.group, at=after(1)),))
    assert decider.take(*map(match, range(1, 41)), now=after(2)).total == 40


def test_what_was_told_since_it_was_seen_is_not_seen():
    decider = Decider()
    first = decider.take(match(0))
    _of(decider, seen=(Seen(group=first.group, at=after(1)),))
    decider.take(*map(match, range(1, 41)), now=after(2))
    assert decider.take(*map(match, range(50, 100)), now=after(12)).total == 50
