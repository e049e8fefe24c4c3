"""The migrations and the models say the same, on both databases."""

import sqlite3
import threading

import stamina
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from services.api.store import Store
from services.api.store.database import configuration, newest_revision
from services.api.store.models import Base
from tests.api.store.conftest import Now


def opened(url: str) -> Store:
    return Store(url, origin="simulation", now=Now())


def test_migrations_make_what_the_models_say(store):
    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(store):
    store.migrate()
    with store.database.engine.connect() as connection:
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    assert len(versions) == 1


def test_the_newest_revision_is_alembics_head(store):
    with store.database.engine.connect() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
    assert newest_revision() == script.get_current_head()


def test_processes_that_start_together_migrate_once(empty_url):
    failures: list[Exception] = []

    def start() -> None:
        store = opened(empty_url)
        try:
            store.migrate()
        except Exception as error:
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    store = opened(empty_url)
    assert "accounts" in inspect(store.database.engine).get_table_names()
    store.close()


def test_a_new_file_is_opened_while_another_writes_its_first_page(tmp_path):
    file = tmp_path / "state.db"
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    stamina.instrumentation.set_on_retry_hooks([lambda _: holder.execute("COMMIT")])
    try:
        store = opened(f"sqlite:///{file}")
        store.migrate()
        store.close()
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert holder.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
