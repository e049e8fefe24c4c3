"""What is remembered for deletions stays within its bound of memory."""

import tracemalloc

from services.alerts.deciding.concerned import Concerned
from tests.alerts.builders import NOW, match


def test_the_latest_are_remembered_within_the_bound_of_memory():
    bound = 1_000_000
    tracemalloc.start()
    concerned = Concerned(most_bytes=bound)
    for number in range(5_000):
        concerned.add(match(number, watch=f"w{number % 50}", author="La Gazette d’Essai"))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert bound / 2 < held < bound
    assert concerned.withdrawn("s0", NOW, NOW) == []
    assert [one.watch for one in concerned.withdrawn("s4999", NOW, NOW)] == ["w49"]


def test_a_subject_matched_again_is_remembered_once_with_all_its_watches():
    concerned = Concerned()
    for watch, revision in (("w1", 1), ("w2", 1), ("w1", 3)):
        concerned.add(match(1, watch=watch, watch_revision=revision))
    found = concerned.withdrawn("s1", NOW, NOW)
    assert {one.watch: one.watch_revision for one in found} == {"w1": 3, "w2": 1}
    said = match(1)
    for one in found:
        assert (one.state, one.terms, one.title, one.excerpt) == ("deleted", (), None, "")
        assert (one.address, one.source, one.published_at) == (
            *(said.address, said.source, said.published_at),
        )
    assert len({one.event_id for one in found}) == 2
