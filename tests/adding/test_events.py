"""An event is a class, a line in the topics and a sample; then who makes it."""

import pytest

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

EVENT = '''"""What is published of a month: which, by which methodology, and its hash."""

from contracts.event import Event, Id, Moment


class MonthPublished(Event):
    """A month was published, provisional or final."""

    period: Id
    methodology: Id
    hash: Id
    published_at: Moment

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
SAMPLE = """{
  "event_id": "m-2026-10-1",
  "origin": "simulation",
  "period": "2026-10",
  "methodology": "2026-1",
  "hash": "5feceb66",
  "published_at": "2026-11-09T08:00:00Z"
}
"""


def test_an_event_is_a_class_a_line_and_a_sample(copy):
    copy.write("contracts/months.py", EVENT)
    topics = "contracts/topics.py"
    copy.insert(topics, "from contracts.posts", "from contracts.months import MonthPublished")
    copy.insert(topics, "DECLARED", TOPIC)
    copy.insert(topics, "ACCOUNTS_REGISTERED,", "    MONTHS_PUBLISHED,")
    copy.write("contracts/samples/months.published.v1/october.json", SAMPLE)
    copy.write("services/scorer/month/published.py", MAKER)
    copy.generate()
    copy.test(
        "tests/contracts/test_topics.py",
        "tests/contracts/test_events.py",
        "tests/libs/wire/test_provision.py",
    )
    assert set(copy.edited) == {topics}
