"""Connections that cannot be opened for a while, as on a full disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.engine.handles import Handle, Lane, Limits, Session


class Connection:
    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self.closed = False

    def query(self, statement: str, *_: object, **__: object) -> Any:
        if self.closed or statement in self._engine.refused:
            raise RuntimeError(f"Code: 243. {statement}")
        return self

    def bytes(self) -> bytes:
        return b"1"

    def close(self) -> None:
        self.closed = True

    def __getattr__(self, _: str) -> Callable[[], int]:
        return lambda: 0


class Engine:
    """Opens connections while there is room."""

    def __init__(self) -> None:
        self.room = True
        self.refused: set[str] = set()

    def __call__(self, _: str) -> Connection:
        if not self.room:
            raise RuntimeError("Code: 243. no room")
        return Connection(self)


def answer(lane: Lane, statement: str = "SELECT 1", session: Session | None = None) -> bytes:
    def work(handle: Handle) -> Any:
        return handle.run(statement, "TabSeparated", {})

    return lane.run(session or Session(), work, 1.0).body


def both(lane: Lane) -> None:
    """Ask what leaves something behind on a connection, which is to be a new one; then go on."""
    for statement in ("SET a = 1", "SELECT 1"):
        answer(lane, statement, Session("elsewhere"))


@pytest.mark.parametrize("refused", [None, "SET `max_threads` = '2'", "USE `elsewhere`"])
def test_a_connection_that_could_not_be_opened_again_is_when_it_can_be(tmp_path: Path, refused):
    """It was lent all the same, and whoever was lent it had an error of ours, for good."""
    engine = Engine()
    lane = Lane(tmp_path, Limits(), 1, engine)
    assert answer(lane) == b"1"
    engine.room = refused is not None
    engine.refused |= {refused} if refused else set()
    for _ in range(3):
        with pytest.raises(RuntimeError, match="243"):
            both(lane)
    engine.room, engine.refused = True, set()
    assert answer(lane) == b"1"
    assert answer(lane, session=Session("elsewhere")) == b"1"
