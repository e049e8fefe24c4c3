"""The store on both databases: SQLite in a file, and a PostgreSQL server of the session."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from services.api.store import Store
from services.api.store.models import AccountRow, Base


class Now:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **duration: float) -> datetime:
        self.moment += timedelta(**duration)
        return self.moment


def kept(store: Store) -> int:
    """How many accounts the store holds."""
    with store.database.reading() as session:
        return session.scalars(select(func.count()).select_from(AccountRow)).one()


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.proof)]


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL: ``POSTGRES_URL``, else a server started in a folder of its own."""
    if configured := os.environ.get("POSTGRES_URL"):
        yield configured
        return
    bin_folder = _postgres_bin()
    if bin_folder is None:
        pytest.skip("no PostgreSQL server here: install postgresql, or set POSTGRES_URL")
    as_user = _as_postgres() if os.geteuid() == 0 else []
    if os.geteuid() == 0 and not as_user:
        pytest.skip("PostgreSQL refuses root, and there is no user « postgres » here")
    with TemporaryDirectory(prefix="pg") as folder:
        if as_user:
            shutil.chown(folder, "postgres")

        def run(*arguments: str) -> None:
            subprocess.run([*as_user, *arguments], check=True, capture_output=True, cwd=folder)

        data = f"{folder}/data"
        run(f"{bin_folder}/initdb", "-D", data, "-A", "trust", "-U", "postgres", "-N")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run(f"{bin_folder}/pg_ctl", "-D", data, "-o", options, "-l", f"{folder}/log", "-w", "start")
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        run(f"{bin_folder}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    with _new_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("state") / "state.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_database(postgres_url: str) -> Iterator[str]:
    with _new_database(postgres_url) as url:
        _migrate(url)
        yield url


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database with its tables and nothing in them; migrated once a session."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "state.db")
        return f"sqlite:///{tmp_path}/state.db"
    url = str(request.getfixturevalue("migrated_database"))
    engine = create_engine(url)
    with engine.begin() as connection:
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@pytest.fixture
def open_store(database_url: str, now: Now) -> Iterator[Callable[[], Store]]:
    """Opens the same database again and again, as processes would."""
    opened: list[Store] = []
    ids = count(1)

    def open_() -> Store:
        store = Store(database_url, origin="simulation", now=now, mint=lambda: f"id{next(ids)}")
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], Store]) -> Store:
    return open_store()


_numbers = count(1)


@contextmanager
def _new_database(server: str) -> Iterator[str]:
    name = f"t{next(_numbers)}_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _migrate(url: str) -> None:
    store = Store(url, origin="simulation", now=Now())
    store.migrate()
    store.close()


def _postgres_bin() -> Path | None:
    folders = [Path("/usr/local/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    on_path = shutil.which("initdb")
    candidates = [*folders, *([Path(on_path).parent] if on_path else [])]
    complete = [f for f in candidates if (f / "initdb").exists() and (f / "pg_ctl").exists()]
    return complete[-1] if complete else None


def _as_postgres() -> list[str]:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
