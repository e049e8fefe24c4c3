"""What is said under a hashtag, from an instance's timeline to a mailbox, once.

Collector and alerts on the real broker, the invented instances over HTTP; no stream tells it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from contracts.topics import ACCOUNTS_REGISTERED, MENTIONS_OBSERVED, WATCHES
from contracts.watches import Query, Recipient
from libs.clock import SystemClock
from libs.settings import Settings
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.alerts.app import build as build_alerts
from services.collector.app import build as build_collector
from simulation.country.world import World
from simulation.networks.mastodon import INSTANCES
from simulation.serving.platforms import Networks
from simulation.serving.server import serve
from tests.alerts.builders import watched
from tests.collector.simulated import registered
from tests.conftest import Catchers
from tests.deadlines import until
from tests.topics import read_whole

pytestmark = [pytest.mark.broker, pytest.mark.proof]

NAME = "journey-searches"
SAID = "La piscine de Tourniquet-sur-Onde est fermée #Tourniquetsuronde"


@pytest.fixture
async def world() -> AsyncIterator[tuple[Networks, str]]:
    networks = Networks(World(size=200), SystemClock())
    runner, port = await serve(networks)
    yield networks, f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_what_is_said_under_a_hashtag_is_mailed_once(
    kafka_url: str, catchers: Catchers, world: tuple[Networks, str]
):
    networks, url = world
    settings = Settings(
        installation="simulation", kafka_url=kafka_url, networks_via=url, topic_namespace=NAME,
        channel_urls=catchers.channel_urls,
    )  # fmt: skip
    await create_topics(kafka_url, NAME)
    wires = {
        name: Wire(kafka_url, "simulation", namespace=NAME, client_id=name)
        for name in ("collector", "alerts")
    }
    known = next(
        one
        for one in networks.world.by_network["mastodon"]
        if one.host == INSTANCES[0] and one.open_at(networks.moment())
    )
    recipient = Recipient(address="mailto:astreinte@essai-sur-onde.example", confirmed=True)
    watch = watched(
        query=Query(any=("fermée", "rouverte"), all=("Tourniquet-sur-Onde",)),
        cooldown_minutes=0, recipients=(recipient,),
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        services = [
            build_collector(settings, broker=wires["collector"]),
            build_alerts(settings, broker=wires["alerts"]),
        ]
        await wires["alerts"].log.start()
        account = registered(known, SystemClock().now())
        await wires["alerts"].publish(ACCOUNTS_REGISTERED, account)
        await wires["alerts"].publish(WATCHES, watch)
        async with httpx.AsyncClient(base_url=url) as http:
            for text in (SAID, "Beau marché hier #Tourniquetsuronde"):
                said = {"text": text, "network": "mastodon"}
                (await http.post("/__world__/mentions", json=said)).raise_for_status()
        for service in services:
            await service.start()
            stack.push_async_callback(service.stop)
        await until(lambda: catchers.messages("mail"), 60)
    (mail,) = catchers.messages("mail")
    assert "Tourniquet-sur-Onde est fermée" in mail["text"]
    told = await read_whole(kafka_url, NAME, MENTIONS_OBSERVED)
    assert [one.text for one in told if one.network == "mastodon"] == [SAID]
