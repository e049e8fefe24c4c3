"""Spans: one trace a subject, carried by records, sent as OTLP says; none unless asked for."""

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contracts.mentions import mention_id
from contracts.posts import PostObserved
from contracts.topics import MENTIONS_OBSERVED
from libs.settings import Settings
from libs.tracing.recording import Recording, by_otlp
from libs.tracing.spans import OFF, context_of, headers_of, origin, trace_id
from libs.wire.wire import Wire
from services.collector.readers.traced import fetched
from tests.alerts.builders import mention
from tests.collector.serving import served
from tests.deadlines import until
from tests.events import event
from tests.suites.memory import MemoryLog

MENTION = mention_id("https://reseau.example/1")


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def recording(kept: InMemorySpanExporter) -> Recording:
    return Recording("test", 0.0, SimpleSpanProcessor(kept))


def test_the_id_of_a_mention_is_that_of_its_trace():
    assert trace_id(MENTION) == MENTION
    assert trace_id("at://did:plc:a/post/1") == trace_id("at://did:plc:a/post/1") != MENTION
    assert len(trace_id("at://did:plc:a/post/1")) == 32


@pytest.mark.parametrize(
    "said",
    [None, b"", b"\xff\xfe", b"00-xyz", origin(MENTION)[:-1].encode(), b"01" + b"0" * 60,
     origin(MENTION).replace("-01", "-00").encode()],
)  # fmt: skip
def test_a_header_that_is_none_of_ours_or_not_sampled_is_passed_over(said):
    assert context_of([("traceparent", said)]) is None
    assert context_of([("other", b"x"), *headers_of(origin(MENTION))]) == origin(MENTION)
    assert context_of(None) is None


def test_what_follows_is_of_one_trace_whose_first_span_everybody_knows(recording, kept):
    with recording.begin("fetch", MENTION, always=True) as first:
        assert first.context == origin(MENTION)
        with recording.go_on("publish", first.context, "producer"):
            pass
    later = recording.go_on("decide", origin(MENTION))
    later.link(origin(mention_id("https://reseau.example/2")))
    later.end()
    publish, fetch, decide = kept.get_finished_spans()
    assert {ids(one)[0] for one in (fetch, publish, decide)} == {int(MENTION, 16)}
    assert parent(publish) == parent(decide) == ids(fetch)[1]
    assert fetch.parent is None
    assert len(decide.links) == 1


def ids(span: ReadableSpan) -> tuple[int, int]:
    assert span.context
    return span.context.trace_id, span.context.span_id


def parent(span: ReadableSpan) -> int | None:
    return span.parent and span.parent.span_id


def test_a_failure_is_the_status_of_its_span(recording, kept):
    with pytest.raises(ZeroDivisionError), recording.go_on("deliver", origin(MENTION)):
        _ = 1 / 0
    (span,) = kept.get_finished_spans()
    assert span.status.description == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("ratio", "least", "most"), [(0.0, 0, 0), (0.1, 60, 140), (1.0, 1000, 1000)]
)
def test_posts_are_sampled_by_their_id_mentions_always(kept, ratio, least, most):
    recording = Recording("test", ratio, SimpleSpanProcessor(kept))
    posts = [
        event(PostObserved, event_id=f"p{number}", post=f"at://post/{number}")
        for number in range(1000)
    ]
    said = mention(1, "Coupure d’eau")
    traces = fetched(recording, [*posts, said], 0)
    assert traces[said.event_id] == origin(said.mention)
    sampled = [one.event_id for one in posts if traces[one.event_id]]
    assert least <= len(sampled) <= most
    assert fetched(recording, posts, 0) == {one.event_id: traces[one.event_id] for one in posts}
    assert fetched(OFF, [said], 0) == {}


async def test_a_record_carries_the_trace_of_its_event_where_there_is_one(recording, kept):
    log, said, other = MemoryLog(), mention(1, "Une fuite"), mention(2, "Une autre")
    wire = Wire("nowhere:1", "simulation", log=log, tracing=recording)
    await wire.publish_all(
        MENTIONS_OBSERVED, [said, other], fetched(recording, [said], since=1, network="bluesky")
    )
    records = {record.key: record for kept in log.records.values() for record in kept}
    fetch, publish = kept.get_finished_spans()
    assert parent(publish) == ids(fetch)[1]
    assert fetch.start_time == 1
    told = f"00-{said.mention}-{ids(publish)[1]:016x}-01"
    assert records[said.key.encode()].headers == (("traceparent", told.encode()),)
    assert records[other.key.encode()].headers == ()


async def test_spans_are_sent_as_otlp_says():
    told: list[tuple[str, ExportTraceServiceRequest]] = []

    async def take(request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf"
        told.append((request.path, ExportTraceServiceRequest.FromString(await request.read())))
        return web.Response(content_type="application/x-protobuf")

    async with served("/{path:.*}", take) as url:
        recording = by_otlp(url, "alerts", 0.5)
        with recording.begin("fetch", MENTION, always=True, network="bluesky") as span:
            recording.go_on("publish", span.context, "producer").end()
        wire = Wire("nowhere:1", "simulation", log=MemoryLog(), tracing=recording)
        await wire.stop()
        await until(lambda: told)
    ((path, sent),) = told
    assert path == "/v1/traces"
    (resource,) = sent.resource_spans
    named = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert named["service.name"] == "alerts"
    spans = {one.name: one for scope in resource.scope_spans for one in scope.spans}
    assert spans["publish"].trace_id.hex() == spans["fetch"].trace_id.hex() == MENTION
    assert spans["publish"].parent_span_id == spans["fetch"].span_id
    assert spans["publish"].kind == spans["publish"].SPAN_KIND_PRODUCER
    (said,) = spans["fetch"].attributes
    assert (said.key, said.value.string_value) == ("observatoire.network", "bluesky")


def test_without_a_collector_nothing_is_recorded():
    assert Settings(installation="simulation").wire("test").tracing is OFF
