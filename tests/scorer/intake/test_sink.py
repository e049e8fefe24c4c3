"""How the sink sorts errors."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from libs.wire.work import Later
from services.scorer.intake.sink import BlockRefused, EngineSink, sorted_error
from tests.benchmarks.load import post


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DatabaseError("Code: 469. Constraint violated", code=469), BlockRefused),
        (DatabaseError("Code: 27. Cannot parse", code=27), BlockRefused),
        (DatabaseError("Code: 60. Unknown table", code=60), Later),
        (DatabaseError("Code: 241. Memory limit", code=241), Later),
        (DatabaseError("Code: 252. Too many parts", code=252), Later),
        (OperationalError("connection refused"), Later),
        (OSError("reset by peer"), Later),
    ],
)
def test_an_error_is_sorted_by_what_it_asks(error, kind):
    assert type(sorted_error(error)) is kind


async def test_an_engine_that_is_away_is_for_later():
    sink = EngineSink("http://127.0.0.1:9", "nowhere")
    with pytest.raises(Later, match="the engine"):
        await sink.insert("post_observations", [post(1)])
    await sink.close()
