"""The state kept in a backup and put back, into either database: row by row, then it goes on."""

from pathlib import Path

import pytest

from deploy.backup import state
from deploy.backup.place import Damaged, Place
from libs.sealing import Seal
from services.api.store import Store
from tests.api.store.conftest import Now
from tests.api.store.test_store_watches import DRAFT


def test_the_state_comes_back_row_by_row(tmp_path: Path, empty_url: str):
    now = Now()
    first, second = (
        Store(url, origin="simulation", now=now, seal=Seal(None))
        for url in (f"sqlite:///{tmp_path}/first.db", empty_url)
    )
    for store in (first, second):
        store.migrate()
    watch = first.watches.create(DRAFT, recipients=("mailto:a@essai.example",))
    first.watches.move(watch.watch, "paused")
    place = Place(str(tmp_path / "kept"))
    counts = state.keep(first, place)
    assert state.put_back(second, place) == counts
    assert second.watches.get(watch.watch) == first.watches.get(watch.watch)
    again = Place(str(tmp_path / "again"))
    state.keep(second, again)
    assert again.digests == place.digests
    with pytest.raises(Damaged, match="has rows"):
        state.put_back(second, place)
    # Numbers of new rows come after those of the rows that were put back.
    assert second.watches.create(DRAFT, recipients=("mailto:b@essai.example",))
    first.close()
    second.close()
