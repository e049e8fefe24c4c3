"""One trace of a mention, from an invented network's answer to the mail, by every process.

Collector, scorer and alerts run here on the real broker and engine, each with a wire of its own as
in processes of their own: what joins their spans is the header of the records.
`OBSERVATOIRE_PAGES=write` draws what was recorded anew, in docs/traces/.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from contracts.territories import Territories
from contracts.topics import WATCHES
from contracts.watches import Query, Recipient
from libs.clock import SystemClock
from libs.engine.migrate import migrate
from libs.settings import Settings
from libs.tracing.recording import Recording
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.alerts.app import build as build_alerts
from services.collector.app import build as build_collector
from services.scorer.app import build as build_scorer
from simulation.country.world import World
from simulation.serving.platforms import Networks
from simulation.serving.server import serve
from tests.alerts.builders import watched
from tests.conftest import Catchers
from tests.deadlines import until
from tests.journeys.drawn_trace import draw

pytestmark = [pytest.mark.broker, pytest.mark.engine, pytest.mark.proof]

NAME = "journey-trace"
PICTURE = Path("docs/traces/mention.svg")
LINE = [
    ("collector", "fetch", None),
    ("collector", "publish mentions.observed.v1", "fetch"),
    ("scorer", "store mentions", "publish mentions.observed.v1"),
    ("alerts", "match", "publish mentions.observed.v1"),
    ("alerts", "publish mentions.matched.v1", "match"),
    ("scorer", "store matches", "publish mentions.matched.v1"),
    ("alerts", "decide", "publish mentions.matched.v1"),
    ("alerts", "publish alerts.raised.v1", "decide"),
    ("alerts", "group", "publish alerts.raised.v1"),
    ("alerts", "deliver", "group"),
    ("alerts", "publish alerts.composed.v1", "deliver"),
    ("alerts", "publish alerts.delivered.v1", "deliver"),
    ("scorer", "store alerts_delivered", "publish alerts.delivered.v1"),
]
"""Process, span, and what it goes on from."""


@pytest.fixture
async def world() -> AsyncIterator[tuple[Networks, str]]:
    networks = Networks(World(size=50), SystemClock())
    runner, port = await serve(networks)
    yield networks, f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
def settings(
    kafka_url: str, clickhouse_url: str, catchers: Catchers, world: tuple[Networks, str]
) -> Settings:
    return Settings(
        installation="simulation", kafka_url=kafka_url, clickhouse_url=clickhouse_url,
        channel_urls=catchers.channel_urls, networks_via=world[1], topic_namespace=NAME,
        database_name=NAME.replace("-", "_"),
    )  # fmt: skip


async def test_every_step_of_a_mention_is_a_span_of_one_trace(settings, world, catchers):
    await create_topics(settings.kafka_url, NAME)
    await migrate(settings.clickhouse_url, settings.database, Territories.load())
    kept = {name: InMemorySpanExporter() for name in ("collector", "scorer", "alerts")}
    wires = {
        name: Wire(
            settings.kafka_url, "simulation", namespace=NAME, client_id=name,
            tracing=Recording(name, 0.0, SimpleSpanProcessor(spans)),
        )
        for name, spans in kept.items()
    }  # fmt: skip

    def spans() -> list[ReadableSpan]:
        return [span for some in kept.values() for span in some.get_finished_spans()]

    with capture_logs([merge_contextvars]) as logs:
        async with AsyncExitStack() as stack:
            services = (
                build_collector(settings, broker=wires["collector"]),
                build_scorer(settings, broker=wires["scorer"]),
                build_alerts(settings, broker=wires["alerts"]),
            )
            await wires["alerts"].log.start()
            await wires["alerts"].publish(WATCHES, watch())
            for service in services:
                await service.start()
                stack.push_async_callback(service.stop)
            networks, url = world
            await until(lambda: networks.listeners)
            await say(url, "La piscine municipale est fermée")
            await until(
                lambda: len([one for one in spans() if one.name.startswith("store")]) >= 3, 60
            )
    (mail,) = catchers.messages("mail")
    assert "piscine" in mail["text"]
    named = {one.context.span_id: one for one in spans() if one.context}
    (trace,) = {one.context.trace_id for one in spans() if one.context}
    assert sorted(map(str, LINE)) == sorted(str(told(one, named)) for one in spans())
    # The same id finds it in the logs, and in the mail by the alert.
    logged = [one for one in logs if one.get("trace") == f"{trace:032x}"]
    assert [one["event"] for one in logged] == ["matched", "raised", "delivered"]
    deliver = next(one for one in spans() if one.name == "deliver")
    assert (deliver.attributes or {})["observatoire.outcome"] == "delivered"
    assert "astreinte" not in "".join(one.to_json() for one in spans()), "no address in a span"
    if os.environ.get("OBSERVATOIRE_PAGES") == "write":
        draw(spans(), PICTURE)


def watch():
    recipient = Recipient(address="mailto:astreinte@essai-sur-onde.example", confirmed=True)
    return watched(
        query=Query(any=("piscine municipale",)), cooldown_minutes=0, recipients=(recipient,)
    )


async def say(url: str, text: str) -> None:
    """Have an invented person say it."""
    said = {"text": text, "network": "bluesky"}
    async with httpx.AsyncClient(base_url=url) as http:
        (await http.post("/__world__/mentions", json=said)).raise_for_status()


def told(span: ReadableSpan, named: dict[int, ReadableSpan]) -> tuple[str, str, str | None]:
    before = span.parent and named[span.parent.span_id].name
    return str(span.resource.attributes["service.name"]), span.name, before or None
