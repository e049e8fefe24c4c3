"""The engine of one machine has no users: pages that a browser has open do not reach it."""

import httpx
import pytest

from tests.suites.closed import FOREIGN, REBOUND, status

pytestmark = pytest.mark.engine

READ = "/?query=SELECT%201"
WRITE = b"CREATE TABLE stolen (a UInt8) ENGINE = Memory"


@pytest.mark.parametrize("host", REBOUND.values(), ids=REBOUND)
def test_it_answers_by_the_names_of_this_machine_only(clickhouse_url, host):
    assert status(clickhouse_url, "GET", READ, {"Host": host}) in (400, 421)
    assert status(clickhouse_url, "GET", READ, {"Host": "localhost"}) == 200


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("path", [READ, "/", "/ping", "/readyz"])
def test_it_runs_nothing_for_a_page(clickhouse_url, headers, path):
    """Nor reads: `url()` and `file()` are reads."""
    method, body = ("POST", WRITE) if path == "/" else ("GET", None)
    assert status(clickhouse_url, method, path, headers, body) == 403
    tables = httpx.post(clickhouse_url, content="SHOW TABLES FROM default").text
    assert "stolen" not in tables
