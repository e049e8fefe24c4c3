import os
from datetime import UTC, datetime, timedelta

from deploy.local.parts import EPOCH
from deploy.local.supervision.state import PartState, Process, State, WorldClock, read

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def test_the_world_stands_still_while_nothing_runs(tmp_path):
    first = WorldClock(tmp_path, EPOCH, NOW)
    first.keep(NOW + timedelta(hours=2))
    again = WorldClock(tmp_path, EPOCH, NOW + timedelta(days=30))
    assert first.epoch == EPOCH
    assert again.epoch == EPOCH + timedelta(hours=2)


def test_a_clock_that_was_cut_short_starts_anew(tmp_path):
    (tmp_path / "clock").write_text("")
    assert WorldClock(tmp_path, EPOCH, NOW).epoch == EPOCH


def test_a_state_is_read_as_it_was_written(tmp_path):
    state = State(Process.of(os.getpid()), "ready", 24.5)
    state.parts["kafka"] = PartState("Kafka", 9092, process=Process.of(os.getpid()))
    state.write(tmp_path)
    assert read(tmp_path) == state
    assert state.running


def test_another_process_with_the_same_id_is_not_ours():
    ours = Process.of(os.getpid())
    assert ours.found() is not None
    assert Process(ours.pid, ours.created - 3600).found() is None


def test_no_demonstration_has_no_state(tmp_path):
    assert read(tmp_path) is None
