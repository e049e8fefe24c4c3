"""Several connections of one process to one chDB folder: who may use which, with what limits."""

import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import chdb

from deploy.local.engine.statement import Insert, keeps_state

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one statement may use, unless the request says otherwise."""

    threads: int = 2
    memory_bytes: int = 2_000_000_000
    seconds: int = 60

    def settings(self) -> dict[str, str]:
        """The same, as ClickHouse settings."""
        return {
            "max_threads": str(self.threads),
            "max_memory_usage": str(self.memory_bytes),
            "max_execution_time": str(self.seconds),
            # A server of ClickHouse does not allow SELECT without the word; chDB's default does.
            "implicit_select": "0",
            "session_timezone": "UTC",
        }


@dataclass(frozen=True, slots=True)
class Session:
    """The database and the settings that a statement runs under."""

    database: str = "default"
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave: its bytes, and counts for the summary."""

    body: bytes
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed: float = 0.0


# The package has no types: all that is used of it goes through connections made here.
_connect = cast(Callable[[str], Any], chdb.connect)  # pyright: ignore[reportUnknownMemberType]


class Handle:
    """One connection, which remembers the session that it is in, to change only what differs."""

    def __init__(
        self, folder: Path, limits: Limits, connect: Callable[[str], Any] = _connect
    ) -> None:
        self._folder = folder
        self._limits = limits.settings()
        self._connect = connect
        self._connection: Any = None
        self._open()

    def _open(self) -> None:
        self.session = Session()
        self._connection = self._connect(str(self._folder))
        try:
            for name, value in self._limits.items():
                self._set(name, value)
        except Exception:
            self.close()
            raise

    @property
    def closed(self) -> bool:
        """Whether it could not be opened again."""
        return self._connection is None

    def enter(self, session: Session) -> None:
        """Move to another session. On error the connection is a fresh one again.

        One that could not be opened again, when there was no room for it, is opened now.
        """
        if self.closed:
            self._open()
        if session == self.session:
            return
        if "readonly" in dict(self.session.settings):
            # Nothing can be set any more on a connection that has become read-only.
            self.renew()
        try:
            wanted, current = dict(session.settings), dict(self.session.settings)
            for name in current.keys() - wanted.keys():
                self._set(name, self._limits.get(name))
            if session.database != self.session.database:
                self._connection.query(f"USE {_identifier(session.database)}")
            for name in sorted(wanted, key=lambda name: name == "readonly"):
                if current.get(name) != wanted[name]:
                    self._set(name, wanted[name])
        except Exception:
            self.renew()
            raise
        self.session = session

    def renew(self) -> None:
        """Forget what statements have left on the connection."""
        self.close()
        self._open()

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def run(self, statement: str, format_: str, parameters: Mapping[str, str]) -> Answer:
        """Run one statement. Raises ``RuntimeError`` with the engine's message."""
        result = self._connection.query(statement, format_, params=dict(parameters))
        if keeps_state(statement):
            self.renew()
        return Answer(
            result.bytes(),
            result.storage_rows_read(),
            result.storage_bytes_read(),
            result.rows_written(),
            result.bytes_written(),
            result.elapsed(),
        )

    def insert(self, insert: Insert) -> Answer:
        """Insert rows given as bytes. Raises ``RuntimeError`` with the engine's message.

        They go in as a file in memory: what chDB's own inserter takes (``send_insert``) passes by
        the constraints of the table.
        """
        rows = os.memfd_create("rows")
        try:
            with os.fdopen(os.dup(rows), "wb") as file:
                file.writelines(insert.rows)
            done = self._connection.query(
                f"{insert.statement} FROM INFILE '/proc/self/fd/{rows}' {insert.settings}"
                f" FORMAT {insert.format}"
            )
        finally:
            os.close(rows)
        return Answer(b"", 0, 0, done.rows_written(), done.bytes_written(), done.elapsed())

    def _set(self, name: str, value: str | None) -> None:
        assigned = "DEFAULT" if value is None else _literal(value)
        self._connection.query(f"SET {_identifier(name)} = {assigned}")


class Full(Exception):
    """No connection became free in time."""


class Lane:
    """Connections lent one at a time, with a thread for each.

    One that is already in the session asked for is preferred.
    """

    def __init__(
        self, folder: Path, limits: Limits, count: int, connect: Callable[[str], Any] = _connect
    ) -> None:
        self.threads = ThreadPoolExecutor(count)
        self._count = count
        self._free = [Handle(folder, limits, connect) for _ in range(count)]
        self._changed = threading.Condition()

    def run(self, session: Session, work: Callable[[Handle], Result], patience: float) -> Result:
        """Run ``work`` on a connection. Raises ``Full`` when none is free within ``patience`` s."""
        handle = self._take(session, patience)
        try:
            handle.enter(session)
            return work(handle)
        finally:
            with self._changed:
                self._free.append(handle)
                self._changed.notify()

    def _take(self, session: Session, patience: float) -> Handle:
        with self._changed:
            if not self._changed.wait_for(lambda: self._free, patience):
                raise Full
            same = (n for n, handle in enumerate(self._free) if handle.session == session)
            return self._free.pop(next(same, 0))

    def close(self) -> None:
        """Close every connection; waits for those that work."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._free) == self._count)
            for handle in self._free:
                handle.close()


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
