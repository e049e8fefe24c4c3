"""The api answers thousands of requests as its description says, sensible or not: none by 5xx."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.engine_world import fill

OPERATIONS = 20
"""At least so many, each tried by three kinds of people."""


@pytest.mark.proof
@pytest.mark.engine
@pytest.mark.timeout(300)
def test_no_request_is_answered_badly_or_undescribed(clickhouse_url, database):
    asyncio.run(fill(clickhouse_url, database))
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    tried = subprocess.run(
        [*command, "-p", "no:xdist", "tests/api/described.py"],
        env=os.environ | {"OBSERVATOIRE_DESCRIBED_BY": f"{clickhouse_url} {database}"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stdout[-8_000:] + tried.stderr[-2_000:]
    passed = re.search(r"(\d+) passed", tried.stdout)
    assert passed is not None
    assert int(passed[1]) >= 3 * OPERATIONS
