"""The file of the small state holds addresses and hooks: nobody else on the machine reads it."""

import os

from services.api.store import Store
from tests.api.world import NOW


def test_the_file_of_the_store_is_its_owners_alone(tmp_path):
    before = os.umask(0o022)
    try:
        store = Store(f"sqlite:///{tmp_path}/state/s.db", origin="live", now=lambda: NOW)
        store.migrate()
        modes = {one.name: one.stat().st_mode & 0o077 for one in (tmp_path / "state").iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes
    assert set(modes.values()) == {0}
