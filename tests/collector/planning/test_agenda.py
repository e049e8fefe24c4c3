"""The agenda forgets what was put again: its memory is that of the subjects, not of the years."""

import pickle
from datetime import UTC, datetime, timedelta

from services.collector.planning.agenda import ENTRIES_FEW, Agenda, Group
from services.collector.planning.schedule import Due, subject_of
from tests.collector.world import registered

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
GROUP = Group("bluesky", "readings", batched=True)


def due(days: int) -> tuple[Due, ...]:
    return (Due("readings", NOW + timedelta(days=days), timedelta(hours=1)),)


def test_what_is_put_again_and_again_takes_no_more_room():
    agenda = Agenda()
    subjects = [subject_of(registered("bluesky", number, NOW)) for number in range(ENTRIES_FEW)]
    sizes: list[int] = []
    for turn in range(40):
        for subject in subjects:
            assert subject is not None
            agenda.put(subject, due(20 + turn % 3))
        sizes.append(len(pickle.dumps(agenda)))
    assert max(sizes) < 4 * sizes[0]
    taken = set[str]()
    while entry := agenda.take(GROUP, NOW + timedelta(days=30)):
        assert entry.subject not in taken
        taken.add(entry.subject)
    assert len(taken) == ENTRIES_FEW


def test_who_was_dropped_takes_no_room():
    agenda = Agenda()
    sizes: list[int] = []
    for first in range(0, 12_000, 3_000):
        for number in range(first, first + 3_000):
            subject = subject_of(registered("bluesky", number, NOW))
            assert subject is not None
            agenda.put(subject, due(20))
            agenda.drop(subject.id)
        sizes.append(len(pickle.dumps(agenda)))
    assert max(sizes) < 1.2 * sizes[0]


def test_who_comes_back_is_due_once():
    agenda = Agenda()
    subject = subject_of(registered("bluesky", 0, NOW))
    assert subject is not None
    agenda.put(subject, due(1))
    agenda.drop(subject.id)
    assert agenda.next_at() is None
    agenda.put(subject, due(2))
    entry = agenda.take(GROUP, NOW + timedelta(days=3))
    assert entry.at == NOW + timedelta(days=2)
    assert agenda.take(GROUP, NOW + timedelta(days=3)) is None
