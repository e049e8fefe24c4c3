"""Recipients from the store to the driver: sealed on the topics between, opened by who sends."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.alerts import AlertComposed
from contracts.channels.slack import CHANNEL
from contracts.event import Event
from contracts.messages import MessageDue
from contracts.topics import MESSAGES_DUE, WATCHES, Topic
from contracts.watches import Query, Watched
from libs.clock import SteppedClock
from libs.sealing import Keys, Seal, new_pair
from libs.settings import MissingSetting, Settings
from services.alerts import app as alerts
from services.alerts.channels.slack import Slack
from services.alerts.deciding.known import Known
from services.alerts.deciding.watches import Watches
from services.alerts.delivery.channel import GuardedChannel, TryLater
from services.alerts.delivery.deliveries import AlertDeliveries, Delivery, MessageDeliveries
from services.alerts.delivery.hook import Post
from services.api import app as api
from services.api.store import Mail, Store, WatchDraft
from services.api.store.relay.outbox import Relay
from tests.alerts.builders import NOW, raised
from tests.events import event

SECRET = "s3cr3tsecret"
HOOK = f"slack://T0ESSAI/B0ONDE/{SECRET}"
LINK = "https://portail.example/veilles/confirmer/s3cr3tlink"
PRIVATE, PUBLIC = new_pair()
DRAFT = WatchDraft(territory="00001", name="Eau", purpose="astreinte", query=Query(any=("eau",)))


class Kept(Slack):
    """A driver that keeps what it would send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Post]] = []

    async def send(self, address: str, body: Post) -> None:
        self.sent.append((address, body))


class Topics:
    """Stands for the broker: keeps the bytes that it is given."""

    def __init__(self) -> None:
        self.told: list[tuple[Topic, str, bytes]] = []

    async def publish_all(self, topic: Topic, events: Iterable[Event]) -> None:
        self.told += [(topic, event.key, event.encode()) for event in events]


@pytest.fixture
def told(tmp_path: Path) -> Topics:
    """What the topics hold once an address has been asked, and has agreed."""
    seal, topics, tokens = Seal(PUBLIC), Topics(), list[str]()

    def letter(_: Watched, __: str, token: str) -> Mail:
        tokens.append(token)
        return Mail("Recevoir la veille ?", f"Accepter : {LINK}", f"<a href='{LINK}'>ici</a>")

    store = Store(
        f"sqlite:///{tmp_path / 'store.db'}",
        origin="simulation",
        now=lambda: datetime(2026, 11, 24, tzinfo=UTC),
        seal=seal,
    )
    store.migrate()
    store.watches.create(DRAFT, (HOOK,), letter)
    store.watches.confirm(tokens[0])
    asyncio.run(Relay(store, topics).drain())
    assert store.watches.tell_again() == 1
    asyncio.run(Relay(store, topics).drain())
    store.close()
    return topics


def test_no_topic_holds_a_secret(told):
    """Nor does a dead letter, which is the record, whole."""
    assert [topic for topic, _, _ in told.told] == [MESSAGES_DUE, WATCHES, WATCHES]
    for _, key, value in told.told:
        for secret in (SECRET, "B0ONDE", "s3cr3tlink"):
            assert secret not in key
            assert secret.encode() not in value


def asked(told: Topics, keys: Keys, channel: GuardedChannel) -> list[Delivery]:
    """What both topics ask of a channel, read from their bytes."""
    values = {topic: value for topic, _, value in told.told}
    watch, message = Watched.read(values[WATCHES]), MessageDue.read(values[MESSAGES_DUE])
    alert = raised(1).model_copy(update={"watch": watch.watch})
    watches = Watches({watch.watch: watch})

    async def made() -> list[Delivery]:
        known = Known(SteppedClock(NOW), watches)
        alerts = AlertDeliveries(channel, known, "https://p.example", keys)
        return [*await alerts(alert), *await MessageDeliveries(channel, keys)(message)]

    return asyncio.run(made())


async def handed_over(delivery: Delivery) -> None:
    """Hand over what an alert was composed to, or a message of the api."""
    if delivery.send:
        await delivery.send()
    elif delivery.tell:
        await delivery.tell(event(AlertComposed, told=delivery.alert, composed_at=NOW))


def test_who_holds_the_key_sends(told):
    driver = Kept()
    alert, message = asked(told, Keys([PRIVATE]), GuardedChannel(CHANNEL, driver))
    assert (alert.address, message.address, alert.silence) == (HOOK, HOOK, None)
    asyncio.run(handed_over(alert))
    asyncio.run(handed_over(message))
    assert [address for address, _ in driver.sent] == [HOOK, HOOK]
    assert LINK in bytes(driver.sent[1][1]).decode()


def test_without_the_key_messages_wait_and_it_is_told(told):
    driver = Kept()
    waiting = asked(told, Keys([new_pair()[0]]), GuardedChannel(CHANNEL, driver))
    assert len(waiting) == 2
    for delivery in waiting:
        with pytest.raises(TryLater, match="do not hold") as later:
            asyncio.run(handed_over(delivery))
        assert later.value.ours
        assert SECRET not in str(later.value)
    assert driver.sent == []


def test_a_live_installation_does_not_start_without_keys():
    for build in (api.build, alerts.build):
        with pytest.raises(MissingSetting, match="OBSERVATOIRE_RECIPIENTS_P"):
            build(Settings(installation="live"))
