"""The sink on the real engine: what it erases, and how it sorts errors."""

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from contracts.topics import POSTS_OBSERVED
from libs.wire.wire import Later
from services.scorer.sink import BlockRefused, EngineSink, sorted_error
from tests.benchmarks.load import post
from tests.scorer.conftest import Line


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
def test_an_error_is_sorted_by_what_it_asks(error: Exception, kind: type[Exception]) -> None:
    assert type(sorted_error(error)) is kind


async def test_an_engine_that_is_away_is_for_later() -> None:
    sink = EngineSink("http://127.0.0.1:9", "nowhere")
    with pytest.raises(Later, match="the engine"):
        await sink.insert("post_observations", [post(1)])
    await sink.close()


@pytest.mark.broker
@pytest.mark.engine
async def test_nothing_is_kept_of_an_account_that_is_erased(line: Line) -> None:
    sink = line.sink()
    await sink.insert("post_observations", [post(number) for number in range(10)])
    erased, kept = (POSTS_OBSERVED.event.read(post(number)) for number in (3, 4))
    await sink.erase([erased.key])
    await sink.close()
    accounts = [event.key for event in await line.stored(POSTS_OBSERVED.name)]
    assert len(accounts) == 9
    assert erased.key not in accounts
    assert kept.key in accounts
