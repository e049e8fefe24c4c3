"""What agents and the desk do by pages, on PostgreSQL too: SQLite forgives types and lengths."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import STATE
from tests.api.store.conftest import migrated_database as migrated_database
from tests.api.store.conftest import postgres_url as postgres_url

ROOT = Path(__file__).parents[2]
FILES = (
    "tests/api/attacks/test_every_route.py",
    "tests/api/declaring/test_pages.py",
    "tests/api/test_circumstances.py",
    "tests/api/test_elections.py",
    "tests/api/test_teams.py",
    "tests/portal/test_contests.py",
    "tests/portal/test_delegating.py",
    "tests/portal/test_desk.py",
    "tests/portal/test_impostors.py",
    "tests/portal/test_mondays.py",
    "tests/portal/test_notes.py",
    "tests/portal/test_publishing.py",
    "tests/portal/test_rights.py",
)
"""Those of pages and resources that write to the small state."""


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_pages_that_write_do_so_on_postgres(migrated_database):
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    tried = subprocess.run(
        [*command, "-p", "no:xdist", "-m", "not (proof or browser or broker or engine)", *FILES],
        env=os.environ | {STATE: migrated_database},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout[-8_000:] + tried.stderr[-2_000:]
    passed = re.search(r"(\d+) passed", tried.stdout)
    assert passed is not None
    assert int(passed[1]) > 70
