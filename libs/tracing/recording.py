"""Spans that are recorded by OpenTelemetry's SDK, and sent by OTLP over HTTP."""

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from libs.tracing.spans import NOTHING, Kind, Said, Span, Tracing, context_of, trace_id

PREFIX = "observatoire."
SEND_SECONDS = 5.0
"""Left to one sending; a collector that is away delays nobody, its spans are dropped."""

KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
    "client": trace.SpanKind.CLIENT,
}
_LOW = 2**64 - 1


class _Ids(RandomIdGenerator):
    """Ids of spans by chance, but for the first span of a trace, which everybody knows."""

    first: int | None = None

    def generate_trace_id(self) -> int:
        """Return the id of the trace that begins."""
        return self.first or super().generate_trace_id()

    def generate_span_id(self) -> int:
        """Return the id of a span."""
        first, self.first = self.first, None
        return (first & _LOW if first else 0) or super().generate_span_id()


class _Recorded(Span):
    """A span of the SDK."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        told = span.get_span_context()
        self.context = f"00-{told.trace_id:032x}-{told.span_id:016x}-01"

    def note(self, **said: Said) -> None:
        """Say something of it; an error is its status too."""
        for name, value in said.items():
            self._span.set_attribute(PREFIX + name, value)
        if "error" in said:
            self._span.set_status(trace.StatusCode.ERROR, str(said["error"]))

    def link(self, context: str) -> None:
        """Name another trace that it is of too."""
        if self.context is not None and context.split("-")[1] != self.context.split("-")[1]:
            self._span.add_link(_told(context))

    def end(self) -> None:
        """It is done."""
        self._span.end()


class Recording(Tracing):
    """Records spans: those of mentions always, of posts a share."""

    on = True

    def __init__(self, service: str, ratio: float, processor: SpanProcessor) -> None:
        """Prepare; `ratio` is the share of posts, `processor` takes the spans."""
        self._ids = _Ids()
        self._below = round(ratio * 2**64)
        named = {"service.name": service, "service.version": version("observatoire")}
        self._provider = TracerProvider(
            resource=Resource.create(named), id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("observatoire")

    def begin(
        self, name: str, subject: str, *, always: bool, since: int | None = None, **said: Said
    ) -> Span:
        """Begin the trace of a subject; by its id, every process samples the same."""
        first = int(trace_id(subject), 16)
        if not (always or first & _LOW < self._below):
            return NOTHING
        self._ids.first = first
        return self._start(name, None, "internal", since, said)

    def go_on(
        self,
        name: str,
        parent: str | None,
        kind: Kind = "internal",
        since: int | None = None,
        **said: Said,
    ) -> Span:
        """Do something for what a context is of."""
        if parent is None:
            return NOTHING
        return self._start(name, trace.NonRecordingSpan(_told(parent)), kind, since, said)

    def each(self, name: str, records: Iterable[Any], since: int) -> None:
        """Record one thing that was done for all of some records, until now."""
        for record in records:
            self.go_on(name, context_of(record.headers), "consumer", since).end()

    def close(self) -> None:
        """Send what is left, soon."""
        self._provider.shutdown()

    def _start(
        self,
        name: str,
        parent: trace.Span | None,
        kind: Kind,
        since: int | None,
        said: dict[str, Said],
    ) -> Span:
        return _Recorded(
            self._tracer.start_span(
                name,
                trace.set_span_in_context(parent or trace.INVALID_SPAN),
                KINDS[kind],
                {PREFIX + key: value for key, value in said.items()},
                start_time=since,
            )
        )


def _told(context: str) -> trace.SpanContext:
    _, traced, span, _ = context.split("-")
    sampled = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    return trace.SpanContext(int(traced, 16), int(span, 16), is_remote=True, trace_flags=sampled)


def by_otlp(url: str, service: str, ratio: float, ca_file: Path | None = None) -> Recording:
    """Return what sends spans to a collector at a base URL, from a thread of its own."""
    exporter = OTLPSpanExporter(
        f"{url.rstrip('/')}/v1/traces",
        certificate_file=str(ca_file) if ca_file else None,
        timeout=SEND_SECONDS,
    )
    return Recording(service, ratio, BatchSpanProcessor(exporter))
