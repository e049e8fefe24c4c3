"""The leader lock of the outbox's relay: held by one process, and gone with it."""

import fcntl
import os
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from services.api.store.database import Database

# Any number will do as long as nothing else of the installation takes it.
RELAY_LOCK = 0x0B5E0002


class RelayLock:
    """The lock of a database; it goes with the process that holds it.

    On PostgreSQL an advisory lock of a connection kept for it; on SQLite a lock on a file beside
    the database; a database in memory has one process anyway.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Nothing is held until `acquire` is asked."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the lock to another process."""
        self.release()

    def acquire(self) -> bool:
        """Take the lock if it is free; True while it is ours."""
        if self._database.is_sqlite:
            return self._acquire_by_file()
        return self._acquire_by_connection()

    def release(self) -> None:
        """Leave the lock to another process."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.execute(text("SELECT pg_advisory_unlock_all()"))
            # Not back to the pool: were the lock still held, it would go with the session.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _acquire_by_file(self) -> bool:
        if self._file is not None or self._database.file is None:
            return True
        beside = self._database.file.with_name(f"{self._database.file.name}.relay")
        opened = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._file = opened
        return True

    def _acquire_by_connection(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except Exception:
                self.release()
                raise
            return True
        self._connection = self._database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        )
        taken = self._connection.execute(
            text("SELECT pg_try_advisory_lock(:n)"), {"n": RELAY_LOCK}
        ).scalar_one()
        if not taken:
            self._connection.close()
            self._connection = None
        return bool(taken)
