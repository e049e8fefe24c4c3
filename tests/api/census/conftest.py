import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from contracts.territories import Territories
from services.api.store import Store

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)


@pytest.fixture(scope="session")
def territories() -> Territories:
    return Territories.load()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("state") / "s.db"
    store = Store(f"sqlite:///{file}", origin="live", now=lambda: NOW)
    store.migrate()
    store.close()
    return file


@pytest.fixture
def store(tmp_path: Path, migrated_file: Path) -> Iterator[Store]:
    ids = count(1)
    shutil.copy(migrated_file, tmp_path / "s.db")
    store = Store(
        f"sqlite:///{tmp_path}/s.db", origin="live", now=lambda: NOW, mint=lambda: f"id{next(ids)}"
    )
    yield store
    store.close()
