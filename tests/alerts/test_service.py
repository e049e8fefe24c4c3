"""The whole service on a real broker: from a mention to one mail and one Slack message."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.messages import MessageDue
from contracts.topics import (
    ALERTS_DELIVERED,
    ALERTS_RAISED,
    ALERTS_STATE,
    COLLECT_OUTCOMES,
    ERASURES,
    MENTIONS_MATCHED,
    MENTIONS_OBSERVED,
    MESSAGES_DUE,
    WATCHES,
    Topic,
)
from contracts.watches import QuietHours, Recipient, Watched
from libs.sealing import Seal, new_pair
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.alerts.app import Alerts, build
from tests.alerts.builders import ended, erased, mention, watched
from tests.conftest import Catchers
from tests.deadlines import until, until_found
from tests.events import event
from tests.topics import read_whole, rewind

pytestmark = pytest.mark.broker

MAIL = "mailto:astreinte@essai-sur-onde.example"
SLACK = "slack://T0ESSAI/B0ONDE/s3cr3tsecret"
PRIVATE, PUBLIC = new_pair()
SESSION_MS = 6_000

GROUPS = {
    "alerts-mentions": MENTIONS_OBSERVED,
    "alerts-deciders": MENTIONS_MATCHED,
    "alerts-mailto": ALERTS_RAISED,
    "alerts-slack": ALERTS_RAISED,
}


def everybody(**fields: Any) -> Watched:
    """Return a watch told by mail and Slack, and one recipient who has not confirmed."""
    return watched(
        cooldown_minutes=0,
        recipients=(
            Recipient(address=MAIL, confirmed=True),
            Recipient(address=Seal(PUBLIC).address(SLACK), confirmed=True),
            Recipient(address="mailto:inconnue@essai-sur-onde.example"),
        ),
        **fields,
    )


@pytest.fixture
def settings(kafka_url: str, catchers: Catchers, request: pytest.FixtureRequest) -> Settings:
    return Settings(
        installation="simulation", kafka_url=kafka_url, channel_urls=catchers.channel_urls,
        recipients_private_keys=(PRIVATE,), portal_url="https://portail.example",
        topic_namespace=request.node.name.replace("_", "-"),
    )  # fmt: skip


@pytest.fixture
async def wire(settings: Settings) -> AsyncIterator[Wire]:
    await create_topics(settings.kafka_url, settings.namespace)
    wire = Wire(settings.kafka_url, "simulation", namespace=settings.namespace)
    await wire.start()
    yield wire
    await wire.stop()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Alerts]:
    service = build(settings, session_timeout_ms=SESSION_MS, first_wait=0.05)
    await service.start()
    try:
        yield service
        assert service.failures() == {}
    finally:
        await service.stop()


async def events(settings: Settings, topic: Topic) -> list[Any]:
    return await read_whole(settings.kafka_url, settings.namespace, topic)


async def test_a_mention_is_told_once_whatever_is_replayed(settings, wire, catchers):
    said = mention(
        1, "Encore une coupure d’eau rue Basse à Essai-sur-Onde", published_at=datetime.now(UTC)
    )
    await wire.publish(WATCHES, everybody())
    async with running(settings):
        await wire.publish(MENTIONS_OBSERVED, said)
        await until(lambda: len(catchers.messages()) == 2)

        # The same mention again: observed again by the collector, then matched again by a replay.
        await wire.publish(MENTIONS_OBSERVED, said)
        matches = await _until_events(settings, MENTIONS_MATCHED, 2)
        await wire.publish_all(MENTIONS_MATCHED, matches)
        await _until_reason(settings, "repeated", 1)
    (mail,) = catchers.messages("mail")
    (slack,) = catchers.messages("slack")
    assert mail["subject"].endswith("à Essai-sur-Onde · Bluesky")
    assert mail["text"].startswith("Encore une coupure d’eau rue Basse")
    assert mail["recipients"] == ["astreinte@essai-sur-onde.example"]
    assert "https://portail.example/alertes/" in mail["text"]
    assert slack["payload"]["text"] == mail["subject"]

    # Every topic read again from its beginning, by groups that have forgotten all.
    await _forget(settings)
    async with running(settings):
        last = mention(2, "Inondation place Haute", published_at=datetime.now(UTC))
        await wire.publish(MENTIONS_OBSERVED, last)
        await until(lambda: len(catchers.messages()) == 4)
    assert len({mail["message_id"] for mail in catchers.messages("mail")}) == 2
    delivered = await events(settings, ALERTS_DELIVERED)
    assert len([d for d in delivered if d.outcome == "delivered"]) == 4
    assert {d.why for d in delivered if d.outcome == "silent"} == {"repeated", "unconfirmed"}
    assert all("s3cr3t" not in d.recipient for d in delivered)


async def _until_events(settings: Settings, topic: Topic, number: int) -> list[Any]:
    return await until_found(lambda: events(settings, topic), lambda found: len(found) >= number)


async def _until_reason(settings: Settings, reason: str, number: int) -> None:
    await until_found(
        lambda: events(settings, ALERTS_DELIVERED),
        lambda found: len([d for d in found if d.why == reason]) >= number,
    )


async def _forget(settings: Settings) -> None:
    """Put every group of the service back to the beginning of its topic."""
    for group, topic in GROUPS.items():
        await rewind(settings.kafka_url, settings.namespace, group, [topic])


async def test_a_message_of_the_api_is_mailed_once(settings, wire, catchers):
    message = event(
        MessageDue, message="m1", recipient="astreinte@essai-sur-onde.example",
        subject="Confirmez votre veille", due_at=datetime.now(UTC),
    )  # fmt: skip
    async with running(settings):
        await wire.publish(MESSAGES_DUE, message)
        await wire.publish(MESSAGES_DUE, message)
        await wire.publish(MESSAGES_DUE, message.model_copy(update={"message": "m2"}))
        await until(lambda: len({m["message_id"] for m in catchers.messages("mail")}) == 2)
    assert len(catchers.messages()) == 2
    assert catchers.messages("mail")[0]["subject"] == "[SIMULATION] Confirmez votre veille"


@pytest.mark.proof
async def test_a_broken_slack_never_delays_a_mail(settings, wire, catchers):
    catchers.fail("slack", 3, 503)
    catchers.fail("mail", 1, 451)
    await wire.publish(WATCHES, everybody())
    said = mention(1, "coupure d'eau", published_at=datetime.now(UTC))
    async with running(settings):
        await wire.publish(MENTIONS_OBSERVED, said)
        await until(lambda: len(catchers.messages()) == 2)
    assert [message["kind"] for message in catchers.messages()] == ["mail", "slack"]
    delivered = await events(settings, ALERTS_DELIVERED)
    attempts = {d.channel: d.attempts for d in delivered if d.outcome == "delivered"}
    assert attempts == {"mailto": 2, "slack": 4}


@pytest.mark.proof
async def test_a_failed_source_is_told_once_through_restarts(settings, wire, catchers):
    refused = ended(cause="credential", at=datetime.now(UTC))
    await wire.publish(WATCHES, everybody())
    await wire.publish(COLLECT_OUTCOMES, refused)
    for _ in range(2):
        async with running(settings):
            await until(lambda: len(catchers.messages()) == 2)
            await _until_snapshot(settings)
    said = mention(1, "coupure d'eau", published_at=datetime.now(UTC))
    async with running(settings):
        await wire.publish(MENTIONS_OBSERVED, said)
        await until(lambda: len(catchers.messages()) == 4)
    subjects = [mail["subject"] for mail in catchers.messages("mail")]
    assert [subject.split(" · ")[0] for subject in subjects] == [
        "[SIMULATION] Source en panne",
        "[SIMULATION] Coupure d’eau",
    ]


async def _until_snapshot(settings: Settings) -> None:
    await until_found(
        lambda: events(settings, ALERTS_STATE), lambda saved: any(state.groups for state in saved)
    )


@pytest.mark.proof
async def test_what_is_erased_while_it_is_held_is_told_to_nobody(settings, wire):
    night = QuietHours(start=0, end=24 * 60 - 1)
    await wire.publish(WATCHES, everybody(quiet=night))
    gone, kept = (
        mention(n, f"Coupure d’eau numéro {n} à Essai-sur-Onde", published_at=datetime.now(UTC),
                source=f"did:plc:{n}")
        for n in (1, 2)
    )  # fmt: skip
    account = erased("account", gone.source)

    def shown(states: list[Any]) -> set[str]:
        return {one.subject for one in states[-1].evidence} if states else set()

    async def snapshots() -> list[Any]:
        return await events(settings, ALERTS_STATE)

    async with running(settings):
        await wire.publish_all(MENTIONS_OBSERVED, [gone, kept])
        both = {gone.mention, kept.mention}
        await until_found(snapshots, lambda found: shown(found) == both)
        await wire.publish(ERASURES, account)
        await until_found(snapshots, lambda found: shown(found) == {kept.mention})
        await wire.publish(WATCHES, everybody(revision=2))
        alerts = await _until_events(settings, ALERTS_RAISED, 1)
    assert [one.subject for alert in alerts for one in alert.evidence] == [kept.mention]


@pytest.mark.proof
async def test_sixty_watches_on_one_address_are_one_message(settings, wire, catchers):
    """Whatever watch finds a text, one person hears of it once; a failed source too."""
    recipients = (Recipient(address=MAIL, confirmed=True),)
    await wire.publish_all(
        WATCHES,
        [watched(watch=f"w{n}", cooldown_minutes=0, recipients=recipients) for n in range(60)],
    )
    said = mention(
        1, "Encore une coupure d’eau rue Basse à Essai-sur-Onde", published_at=datetime.now(UTC)
    )
    async with running(settings):
        await wire.publish(MENTIONS_OBSERVED, said)
        await _until_reason(settings, "merged", 59)
        assert len(catchers.messages("mail")) == 1
    # Read again by whoever takes over while the event is open: the log knows what was told.
    async with running(settings):
        last = mention(2, "Inondation place Haute", published_at=datetime.now(UTC))
        await wire.publish(MENTIONS_OBSERVED, last)
        await until(lambda: len(catchers.messages("mail")) >= 2)
        await _until_reason(settings, "merged", 2 * 59)
    assert len({mail["message_id"] for mail in catchers.messages("mail")}) == 2


@pytest.mark.proof
async def test_a_recipient_who_is_not_reached_is_told_to_the_others_once(settings, wire, catchers):
    """A hook that Slack has revoked: who is still reached learns it, once for all alerts."""
    gone = "slack://T0ESSAI/B0GONE/s3cr3tgone"
    catchers.fail("slack", 2, 404)
    recipients = tuple(Recipient(address=one, confirmed=True) for one in (MAIL, gone))
    await wire.publish(WATCHES, watched(cooldown_minutes=0, recipients=recipients))
    async with running(settings):
        for number in (1, 2):
            text = f"Encore une coupure d’eau, appel {number} à Essai-sur-Onde"
            await wire.publish(
                MENTIONS_OBSERVED, mention(number, text, published_at=datetime.now(UTC))
            )
            await until(lambda n=number: len(catchers.messages("mail")) >= n + 1)
        await _until_failed(settings, 2)
    told = [mail for mail in catchers.messages("mail") if "joint" in mail["subject"]]
    assert len(told) == 1
    assert "B0GONE" in told[0]["text"]
    assert "s3cr3t" not in told[0]["text"]


async def _until_failed(settings: Settings, number: int) -> None:
    await until_found(
        lambda: events(settings, ALERTS_DELIVERED),
        lambda found: len([d for d in found if d.outcome == "failed"]) >= number,
    )
