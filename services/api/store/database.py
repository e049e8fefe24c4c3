"""The database behind the small state: SQLite by default, PostgreSQL by URL.

SQLite runs in WAL with foreign keys; what will write says so when it begins, so that two writers
wait for each other and never fail half-way.
"""

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stamina
from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from contracts.event import Origin

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[1] / "migrations"
WAIT_SECONDS = 10.0
"""How long a connection of the pool, or the lock of SQLite, is waited for."""

SQLITE_CONNECTIONS = 32
"""As many as the threads that ask: those who wait for the lock hold one each, and leave some to who
reads."""

SERVER_CONNECTIONS = 20
"""At most, of each portal: four of them and the commands fit in the hundred of PostgreSQL."""

KEPT_OPEN = 5
"""Connections to a server that are kept when nobody asks."""

SQLITE_LOOKS_EVERY = 0.1
"""Seconds between two tries at a database that somebody else writes to."""

BUSY = (exc.OperationalError, exc.TimeoutError)
"""The database is locked or away, or all its connections are lent: later."""

UNKEPT = exc.DataError
"""What PostgreSQL has no place for: a NUL in a text, too large a number. SQLite keeps them."""

# Any number will do as long as nothing else of the installation takes it.
MIGRATION_LOCK = 0x0B5E0001


class Database:
    """Connections, transactions and migrations; every method blocks, call it from a thread."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        sqlite = self.is_sqlite
        self.engine = (
            _sqlite_engine(url)
            if sqlite
            else create_engine(
                url,
                pool_pre_ping=True,
                pool_timeout=WAIT_SECONDS,
                pool_size=KEPT_OPEN,
                max_overflow=SERVER_CONNECTIONS - KEPT_OPEN,
            )
        )

    @property
    def file(self) -> Path | None:
        """File of a SQLite database, None for a server or a database in memory."""
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            return None
        return Path(str(self.url.database))

    @contextmanager
    def reading(self) -> Generator[Session, None, None]:
        """A session that sees one state of the database and changes nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self, *, waits: bool = True) -> Generator[Session, None, None]:
        """A session committed at the end, rolled back when something is raised.

        Raises one of `BUSY` when others write for too long; at once where it does not wait.
        """
        with (
            self.engine.connect().execution_options(writes=True, waits=waits) as connection,
            connection.begin(),
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session
            session.flush()

    def note(self, write: Callable[[Session], object]) -> None:
        """Write what is as well written another time: not at all while somebody else writes."""
        with suppress(*BUSY), self.writing(waits=False) as session:
            write(session)

    def ping(self) -> None:
        """Return once the database answers a question."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def migrate(self) -> None:
        """Bring the schema up to the latest migration; several processes may do it at once."""
        if (file := self.file) is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600, exist_ok=True)  # addresses and hooks: nobody else's to read
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
            if _revision_of(connection) == newest_revision():
                return  # as at most starts: Alembic is slow to load, and reads all of them
            from alembic import command

            command.upgrade(configuration(connection), "head")

    def give_way(self) -> None:
        """Let whoever waits to write do so, between two transactions of a long work.

        SQLite has no queue: who waits looks again, every 100 ms at most.
        """
        if self.is_sqlite:
            time.sleep(SQLITE_LOOKS_EVERY)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


class StorePart:
    """What one subject of the small state is kept with; every method blocks.

    `origin` stands on events, `now` is the injected clock's, `mint` makes ids.
    """

    def __init__(
        self,
        database: Database,
        origin: Origin,
        now: Callable[[], datetime],
        mint: Callable[[], str],
    ) -> None:
        self._database = database
        self._origin: Origin = origin
        self._now = now
        self._mint = mint


def newest_revision() -> str:
    """Return the revision that a database has after all migrations: the number of the last file."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision_of(connection: Connection) -> str | None:
    """Return the revision of a database, None where nothing has been migrated yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def configuration(connection: Connection) -> "Config":
    """Alembic's configuration for a connection; there is no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _sqlite_engine(url: str) -> Engine:
    in_memory = make_url(url).database in (None, "", ":memory:")
    # One connection holds a database in memory: every thread has it in turn, for a transaction.
    shared = {"pool_size": 1, "max_overflow": 0}
    engine = create_engine(
        url,
        connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False},
        poolclass=QueuePool,
        pool_timeout=WAIT_SECONDS,
        **(shared if in_memory else {"max_overflow": SQLITE_CONNECTIONS}),
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    # Python's driver would begin transactions late and by itself; we begin them.
    connection.isolation_level = None
    _switch_to_wal(connection)
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").close()


# The switch upgrades a read lock, and for that SQLite refuses at once instead of waiting: of two
# processes that open a new file together, one must ask again.
@stamina.retry(
    on=sqlite3.OperationalError,
    attempts=None,
    timeout=WAIT_SECONDS,
    wait_initial=0.01,
    wait_max=0.2,
)
def _switch_to_wal(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL").close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    wait = WAIT_SECONDS if options.get("waits", True) else 0
    connection.exec_driver_sql(f"PRAGMA busy_timeout={round(wait * 1000)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")
