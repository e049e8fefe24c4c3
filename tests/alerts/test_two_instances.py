"""Two instances of the service on a real broker: one of them knows all that one person is told."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from contracts.topics import (
    ALERTS_COMPOSED,
    ALERTS_DELIVERED,
    ALERTS_RAISED,
    MENTIONS_OBSERVED,
    WATCHES,
)
from contracts.watches import Query, Recipient, recipient_name
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.alerts.app import build
from services.alerts.deciding.snapshots import partition_of
from tests.alerts.builders import mention, watched
from tests.conftest import Catchers
from tests.deadlines import until, until_found
from tests.topics import read_whole

pytestmark = [pytest.mark.proof, pytest.mark.broker]

ADDRESS = "mailto:astreinte@essai-sur-onde.example"
BEFORE, AFTER = (
    [f"w{number}" for number in range(40) if (partition_of(f"w{number}") < 6) == early]
    for early in (True, False)
)
FOUND_BY = {"bluesky": BEFORE[0], "mastodon": AFTER[0], "rss": AFTER[1]}
"""By network, the watch that looks there: of one half of the partitions, and of the other."""

SAID = {"bluesky": 1, "mastodon": 4, "rss": 3}
"""Seven more than the first: an event that has grown eight times is told again at once."""


@pytest.fixture
def settings(kafka_url: str, catchers: Catchers) -> Settings:
    return Settings(
        installation="simulation", kafka_url=kafka_url, channel_urls=catchers.channel_urls,
        portal_url="https://portail.example", topic_namespace="test-two-instances",
    )  # fmt: skip


def held(wire: Wire) -> int:
    """Return how many partitions of alerts an instance delivers by mail."""
    topic = ALERTS_RAISED.on(wire.namespace)
    lanes = [lane for lane in wire.lanes if lane.group.endswith("alerts-mailto")]
    return sum(lane.holds(topic, number) for lane in lanes for number in range(12))


async def test_one_event_on_three_networks_is_one_message_and_one_update(settings, catchers):
    await create_topics(settings.kafka_url, settings.namespace)
    told = Recipient(address=ADDRESS, confirmed=True, mark=recipient_name(ADDRESS, "a key"))
    watches = [
        watched(
            watch=watch,
            query=Query(any=("coupure d’eau",), all=("rue Basse",), networks=(network,)),
            cooldown_minutes=0,
            recipients=(told,),
        )
        for network, watch in FOUND_BY.items()
    ]
    async with AsyncExitStack() as stack:
        wires = [
            Wire(settings.kafka_url, "simulation", namespace=settings.namespace) for _ in range(3)
        ]
        await wires[2].start()
        stack.push_async_callback(wires[2].stop)
        await wires[2].publish_all(WATCHES, watches)
        for wire in wires[:2]:
            service = build(settings, broker=wire, session_timeout_ms=6_000)
            await service.start()
            stack.push_async_callback(service.stop)
        await until(lambda: [held(wire) for wire in wires[:2]] == [6, 6], 60)
        texts = [
            mention(
                f"{network}-{number}", f"Coupure d’eau rue Basse, appel {network} {number}",
                network=network, published_at=datetime.now(UTC),
            )
            for network, times in SAID.items()
            for number in range(times)
        ]  # fmt: skip
        await wires[2].publish(MENTIONS_OBSERVED, texts[0])
        await until(lambda: len(catchers.messages()) == 1, 60)
        await wires[2].publish_all(MENTIONS_OBSERVED, texts[1:])

        async def all_logged() -> bool:
            lines = await read_whole(settings.kafka_url, settings.namespace, ALERTS_DELIVERED)
            raised = await read_whole(settings.kafka_url, settings.namespace, ALERTS_RAISED)
            told = {line.alert for line in lines if line.outcome == "delivered"}
            return sum(one.total for one in raised if one.alert in told) >= len(texts)

        await until_found(all_logged, seconds=60)
        composed = await read_whole(settings.kafka_url, settings.namespace, ALERTS_COMPOSED)
    assert len(catchers.messages("mail")) == 2
    first, update = sorted(composed, key=lambda one: one.composed_at)
    assert first.message == first.thread == update.thread
    assert [len(first.subjects), len(update.subjects)] == [1, len(texts) - 1]
