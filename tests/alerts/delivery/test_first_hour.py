"""What one person gets in the first hour, by deciding alone and with one message an event.

`docs/first-hour.md` has the table: what is counted here must be what it says.
"""

import re
from datetime import timedelta
from itertools import chain

import pytest

from contracts.alerts import AlertRaised
from contracts.watches import Query, Watched
from libs.clock import SteppedClock
from libs.deciding.grouping import Incident, Message
from libs.deciding.preview import preview
from libs.deciding.said import Said
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.incidents import Incidents
from tests.alerts.builders import NOW, mention, watched
from tests.conftest import ROOT

HOUR = timedelta(hours=1)
ADDRESS = "mailto:astreinte@essai-sur-onde.example"
PAGE = ROOT / "docs" / "first-hour.md"

STREETS = ("Basse", "Haute", "Neuve", "des Tanneurs", "du Puits", "du Moulin", "de la Poste")


def said(number: int, seconds: float, text: str = "", network: str = "bluesky") -> Said:
    text = text or f"Coupure d’eau rue {STREETS[number % 7]} au {number}, plus rien au robinet"
    return Said.by_others(
        mention(number, text, network=network, published_at=NOW + timedelta(seconds=seconds))
    )


def one_watch(**fields: object) -> list[Watched]:
    return [watched(query=Query(any=("coupure d’eau",)), **fields)]


EVENT = "Coupure d’eau à Essai-sur-Onde : le quartier du Moulin sans eau jusqu’à midi"

CASES: dict[str, tuple[list[Watched], list[Said], int, int]] = {
    "300 texts in two minutes, one watch": (
        one_watch(), [said(number, number * 0.4) for number in range(300)], 3, 0,
    ),
    "a text every three minutes, one watch": (
        one_watch(), [said(number, number * 180) for number in range(20)], 3, 0,
    ),
    "a text every three minutes, one watch, told every quarter of an hour": (
        one_watch(cooldown_minutes=15), [said(number, number * 180) for number in range(20)], 5, 0,
    ),
    "a text that 60 watches find": (
        [watched(watch=f"w{n}", query=Query(any=("coupure d’eau",))) for n in range(60)],
        [said(1, 0)], 1, 0,
    ),
    "one event on three networks, a watch for each": (
        [
            watched(
                watch=f"w-{slug}",
                query=Query(any=("coupure d’eau",), all=("Essai-sur-Onde",), networks=(slug,)),
            )
            for slug in ("bluesky", "rss", "mastodon")
        ],
        [
            said(1, 0, EVENT, "bluesky"),
            said(2, 240, f"{EVENT} (article)", "rss"),
            said(3, 300, f"Relayé : {EVENT}", "mastodon"),
        ], 1, 1,
    ),
}  # fmt: skip
"""Watches of one person, what is said, and how many messages and updates at most."""


def decided(watches: list[Watched], texts: list[Said]) -> list[AlertRaised]:
    """What the deciders raise within the hour."""
    looks = (preview(one, texts, "Essai-sur-Onde", until=NOW + HOUR) for one in watches)
    alerts = chain.from_iterable(one.alerts for one in looks)
    return sorted(
        (one for one in alerts if one.raised_at < NOW + HOUR), key=lambda one: one.raised_at
    )


async def told(alerts: list[AlertRaised]) -> tuple[int, int]:
    """How many first messages, and how many updates, the couriers make of alerts in the hour."""
    clock, updates = SteppedClock(NOW), 0

    async def update(_: list[Delivery], one: Message | None, incident: Incident) -> None:
        nonlocal updates
        if one:
            updates += 1
            incident.accepted(one, clock.now())

    async def pass_time(until: object) -> None:
        await settled()
        while clock.next_due is not None and clock.next_due <= until:
            clock.step_to(clock.next_due)
            await settled()
        clock.step_to(until)
        await settled()

    async def settled() -> None:
        for _ in range(12):
            await clock.sleep(0)

    incidents, first = Incidents(clock, update), 0
    for alert in alerts:
        await pass_time(alert.raised_at)
        delivery = Delivery(
            alert.alert, alert.alert, alert.watch, ADDRESS, "simulation", alert=alert
        )
        opened = incidents.begin(delivery, alert)
        if opened is not None:
            first += 1
            opened.incident.accepted(Message.of(alert), clock.now())
            opened.begun.set()
    await pass_time(NOW + HOUR)
    incidents.clear()
    return first, updates


@pytest.mark.parametrize("case", CASES)
async def test_one_person_in_the_first_hour(case):
    watches, texts, most, updates_most = CASES[case]
    alerts = decided(watches, texts)
    first, updates = await told(alerts)
    assert first + updates <= most + updates_most
    assert first <= most
    row = re.search(rf"\| {re.escape(case)} \| (\d+) \| (\d+) \| (\d+) \|", PAGE.read_text())
    assert row, f"{PAGE.name} has no line for this case"
    assert [*map(int, row.groups())] == [len(alerts), first, updates]
