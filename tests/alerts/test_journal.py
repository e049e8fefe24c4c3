"""The delivery log read back: a line that cannot be read stops none of the others."""

import pytest
from aiokafka import AIOKafkaProducer
from structlog.testing import capture_logs

from contracts.alerts import AlertDelivered
from contracts.provision import create_topics
from contracts.topics import ALERTS_DELIVERED
from services.alerts.journal import Journal, delivery_id
from tests.alerts.builders import NOW

pytestmark = pytest.mark.broker


def line(message: str) -> AlertDelivered:
    return AlertDelivered(
        event_id=delivery_id(message, "mailto:a@essai.example"),
        origin="simulation",
        alert=message,
        watch="w1",
        channel="mailto",
        recipient="a@essai.example",
        outcome="delivered",
        attempts=1,
        delivered_at=NOW,
    )


async def test_an_unreadable_delivery_is_said_and_the_others_are_known(kafka_url: str) -> None:
    namespace = "journal"
    await create_topics(kafka_url, namespace)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url)
    await producer.start()
    for value in (line("a1").encode(), b'{"event_id": 1}', None, line("a2").encode()):
        await producer.send_and_wait(ALERTS_DELIVERED.on(namespace), value, key=b"k", partition=0)
    await producer.stop()
    journal = Journal(kafka_url, namespace)
    with capture_logs() as said:
        await journal.cover(0)
    assert line("a1").event_id in journal
    assert line("a2").event_id in journal
    assert [each["event"] for each in said] == ["unreadable delivery"] * 2
    assert said[0]["log_level"] == "error"
    assert said[0]["why"].startswith("event_id")
