"""An event is a class, a line in the topics and a sample; then who makes it, or its table."""

import pytest

from tests.adding.conftest import Copy

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

EVENT = '''"""What is published of a month: which, by which methodology, and its hash."""

from contracts.event import Event, Id, Moment


class MonthPublished(Event):
    """A month was published, provisional or final."""

    period: Id
    methodology: Id
    hash: Id
    published_at: Moment
    reason: str | None = None

    @property
    def key(self) -> str:
        """Return the month."""
        return self.period
'''
TOPIC = """MONTHS_PUBLISHED = Topic(
    "months.published.v1",
    MonthPublished,
    "a month was published, with its hash",
    "month",
    ("scorer",),
    (),
)
"""
MAKER = '''"""Tells that a month was published."""

from contracts.months import MonthPublished
from contracts.topics import MONTHS_PUBLISHED
from libs.wire.wire import Wire


async def tell(wire: Wire, month: MonthPublished) -> None:
    """Publish it; returns when the broker has it."""
    await wire.publish(MONTHS_PUBLISHED, month)
'''
TABLE = """-- The months that were published, as they were told.
CREATE TABLE IF NOT EXISTS months_published
(
    event_id String,
    origin LowCardinality(String),
    period LowCardinality(String),
    methodology LowCardinality(String),
    hash String,
    published_at DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT published_at_possible CHECK toYear(published_at) BETWEEN 2000 AND 2099
)
ENGINE = {replicated}ReplacingMergeTree
ORDER BY (period, event_id)
"""
SAMPLE = """{
  "event_id": "m-2026-10-1",
  "origin": "simulation",
  "period": "2026-10",
  "methodology": "2026-1",
  "hash": "5feceb66",
  "published_at": "2026-11-09T08:00:00Z"
}
"""


TOPICS = "contracts/topics.py"


def declare(copy: Copy, topic: str = TOPIC) -> None:
    copy.write("contracts/months.py", EVENT)
    copy.insert(TOPICS, "from contracts.networks", "from contracts.months import MonthPublished")
    copy.insert(TOPICS, "DECLARED", topic)
    copy.insert(TOPICS, "ACCOUNTS_REGISTERED,", "    MONTHS_PUBLISHED,")
    copy.write("contracts/samples/months.published.v1/october.json", SAMPLE)
    copy.write("services/scorer/month/published.py", MAKER)


def test_an_event_is_a_class_a_line_and_a_sample(copy):
    declare(copy)
    copy.generate()
    copy.test(
        "tests/contracts/test_topics.py",
        "tests/contracts/test_events.py",
        "tests/libs/wire/test_provision.py",
    )
    assert set(copy.edited) == {TOPICS}


def test_an_event_that_is_stored_is_its_table_too(copy, database):
    """Published on a broker, it is found in the engine (`tests/scorer/intake/test_rows.py`)."""
    topic = TOPIC.replace(
        "    (),\n)",
        """    ("scorer",),
    table="months_published",
    left_out=frozenset({"reason"}),
)""",
    )
    declare(copy, topic)
    copy.write("contracts/clickhouse/tables/0099_months_published.sql", TABLE)
    copy.generate()
    copy.migrate(f"{database}_written")
    copy.test(
        "tests/contracts/test_topics.py",
        "tests/contracts/test_events.py",
        "tests/libs/engine/test_migrate.py",
        "tests/scorer/intake/test_rows.py",
        "tests/scorer/test_reading.py",
    )
    assert set(copy.edited) == {TOPICS}
