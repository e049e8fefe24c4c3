"""A mail server that misbehaves, couriers that come, go and are killed: never no message.

The real driver speaks SMTP to a real server. A repeat is the same to the byte, Message-ID included;
there are no more than mails that were accepted and of which the courier was not told.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from contracts.alerts import AlertRaised
from contracts.channels.mailto import CHANNEL
from contracts.topics import ALERTS_DELIVERED, ALERTS_RAISED
from deploy.local.supervision.children import free_port
from libs.clock import SystemClock
from libs.sealing import Keys
from services.alerts.channels.mailto import Mail
from services.alerts.deciding.known import Known
from services.alerts.deciding.watches import Watches
from services.alerts.delivery.channel import GuardedChannel, Outside
from services.alerts.delivery.courier import Courier
from services.alerts.delivery.deliveries import AlertDeliveries
from services.alerts.delivery.journal import Journal
from tests.alerts.builders import raised, watched
from tests.alerts.fakes import MemoryWire
from tests.chaos.mails import MailServer, Manner
from tests.deadlines import turn, until

pytestmark = pytest.mark.proof

EVENTS = 12
MANNERS: tuple[Manner, ...] = ("refuses", "stalls", "closes", "hangs up", "wants authentication")
GROUP = "alerts-mailto"


class Impatient(Mail):
    timeout_seconds = 0.3


@asynccontextmanager
async def process(
    wire: MemoryWire, port: int, driver: type[Mail] = Impatient
) -> AsyncIterator[Courier]:
    """Run the courier of mails of another process."""
    clock = SystemClock()
    watches = {f"w{number}": watched(watch=f"w{number}") for number in range(EVENTS)}
    outside = Outside(
        httpx.AsyncClient(), "alertes@observatoire.example", {"mailto": f"smtp://127.0.0.1:{port}"}
    )
    channel = GuardedChannel(CHANNEL, driver(outside))
    known = Known(clock, Watches(watches))
    make = AlertDeliveries(channel, known, "https://portail.example", Keys())
    own = wire.another()
    courier = Courier(own, channel, {ALERTS_RAISED: make}, Journal(own), clock, first_wait=0.02)
    courier.subscribe()
    await own.start()
    try:
        yield courier
    finally:
        await own.stop()
        await channel.close()


@asynccontextmanager
async def serving(manner: Manner) -> AsyncIterator[tuple[MailServer, int]]:
    server, port = MailServer(stalled_seconds=0.6), free_port()
    server.manner = manner
    await server.start(port)
    try:
        yield server, port
    finally:
        server.stop()


def happened(event: int, texts: int) -> AlertRaised:
    """Return an alert of an event that shares nothing with the others."""
    now, name = SystemClock().now(), f"e{event}-{texts}"
    said = raised(texts, published_at=now, terms=(f"mot{event}",))
    evidence = tuple(
        one.model_copy(
            update={"subject": f"{event}-{n}", "excerpt": f"Le mot{event} dit {event}-{n} fois"}
        )
        for n, one in enumerate(said.evidence)
    )
    fields = {"alert": name, "event_id": name, "watch": f"w{event}", "raised_at": now}
    return said.model_copy(update=fields | {"evidence": evidence})


def logged(wire: MemoryWire) -> dict[str, str | None]:
    """Return the Message-ID that told each alert."""
    return {
        line.alert: line.message_id
        for line in wire.of(ALERTS_DELIVERED)
        if line.outcome == "delivered"
    }


def assert_told(wire: MemoryWire, server: MailServer) -> None:
    """Each alert is in an accepted mail that its line names; copies are the same to the byte."""
    assert {line.outcome for line in wire.of(ALERTS_DELIVERED)} == {"delivered"}
    assert set(logged(wire).values()) == server.accepted.keys()
    assert len(server.accepted) == len(logged(wire))
    assert {len(copies) for copies in server.copies.values()} == {1}


@pytest.mark.parametrize("manner", MANNERS)
async def test_a_mail_server_that_misbehaves_delays_and_loses_nothing(manner):
    wire = MemoryWire()
    async with serving(manner) as (server, port), process(wire, port):
        await wire.keep(ALERTS_RAISED, *(happened(event, 1) for event in range(EVENTS)))
        await until(lambda: server.asked >= 2 * EVENTS, 30)
        assert logged(wire) == {}
        server.manner = "well"
        await until(lambda: len(logged(wire)) == EVENTS, 30)
    assert_told(wire, server)
    assert server.repeats <= server.unanswered
    assert bool(server.unanswered) == (manner == "hangs up")


@pytest.mark.parametrize("manner", MANNERS)
async def test_couriers_come_and_go_while_it_misbehaves(manner):
    """Each joins before the one before leaves: partitions change hands twice."""
    wire, given = MemoryWire(), 0
    async with serving("well") as (server, port):
        for turn_of, behaves in enumerate([manner, "well", manner, "well"]):
            async with AsyncExitStack() as stack:
                before = await stack.enter_async_context(process(wire, port))
                assert before.group == GROUP
                server.manner = behaves
                asked = server.asked
                alerts = [happened(event, 1) for event in range(turn_of * 3, turn_of * 3 + 3)]
                await wire.keep(ALERTS_RAISED, *alerts)
                given += len(alerts)
                await until(lambda asked=asked: server.asked >= asked + 2, 30)
                async with process(wire, port):
                    await until(lambda: len(wire.memory.members[f"{wire.namespace}.{GROUP}"]) == 2)
                    await stack.aclose()
        async with process(wire, port):
            server.manner = "well"
            await until(lambda: len(logged(wire)) == given, 30)
    assert_told(wire, server)
    assert server.repeats <= server.unanswered


async def test_a_courier_whose_session_ends_repeats_what_it_was_handing_over_and_no_more():
    wire = MemoryWire()
    async with serving("stalls") as (server, port), process(wire, port):
        await wire.keep(ALERTS_RAISED, *(happened(event, 1) for event in range(EVENTS)))
        await until(lambda: server.asked >= 4, 30)
        async with process(wire, port):
            members = wire.memory.members[f"{wire.namespace}.{GROUP}"]
            await until(lambda: len(members) == 2)
            expelling = asyncio.create_task(wire.memory.expel(members[0]))
            await turn(20)
            server.manner = "well"
            await expelling
            await until(lambda: len(logged(wire)) == EVENTS, 30)
    assert_told(wire, server)
    assert server.repeats <= Mail.parallel
