"""Whatever the network does to what a service leans on is told, and clears without a visitor.

The clients that services ask with, through a proxy, the real broker and engine behind it; their
processes frozen and killed: `test_readiness.py`, `chaos/`.
"""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from deploy.local.supervision.children import free_port
from libs.pulse import Pulse
from libs.wire.wire import Wire
from services.api.figures.queries import Queries
from services.scorer.intake.sink import EngineSink
from tests.chaos.network import Network, Weather
from tests.deadlines import until

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine]

ASKED_EVERY, WITHIN = 0.05, 1.0


@pytest.fixture
def network(kafka_url: str, clickhouse_url: str):
    places = {"broker": kafka_url.rpartition(":")[2], "engine": urlsplit(clickhouse_url).port}
    network = Network({name: (free_port(), int(port or 0)) for name, port in places.items()}, 1)
    network.start()
    yield network
    network.stop()


@pytest.fixture
async def pulse(network: Network) -> AsyncIterator[Pulse]:
    ports = {name: proxy.port for name, proxy in network.proxies.items()}
    engine = f"http://127.0.0.1:{ports['engine']}"
    portal, sink = Queries(engine, "default"), EngineSink(engine, "default")
    wire = Wire(f"127.0.0.1:{ports['broker']}", "simulation")
    asked = {"broker": wire.ping, "engine of pages": portal.ping, "engine of intake": sink.ping}
    for ask in asked.values():
        await ask()  # a connection that is being opened would escape the weather
    pulse = Pulse(asked, every=ASKED_EVERY, within=WITHIN)
    pulse.start()
    yield pulse
    await pulse.stop()
    await portal.stop()
    await sink.close()


@pytest.mark.parametrize(
    "weather", ["refuses", "stalls", "loses answers", "hangs up", "speaks otherwise"]
)
async def test_each_is_told_and_comes_back_by_itself(network, pulse, weather: Weather):
    for _ in range(2):  # the second finds connections that the first has spoilt
        await until(lambda: not pulse.failures())
        for name in network.proxies:
            network.change(name, weather)
        await until(lambda: len(pulse.failures()) == 3)
        for name in network.proxies:
            network.change(name, "well")
    await until(lambda: not pulse.failures())


async def test_the_loss_of_one_is_not_told_of_the_other(network, pulse):
    network.change("engine", "stalls")
    await until(lambda: len(pulse.failures()) == 2)
    assert "broker" not in pulse.failures()
    network.change("engine", "well")
    network.change("broker", "refuses")
    await until(lambda: list(pulse.failures()) == ["broker"])
