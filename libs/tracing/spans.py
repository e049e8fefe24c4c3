"""Spans of a trace, and what stands in their place where none are recorded.

The id of a trace is that of its subject: whoever knows a mention knows its trace, in whatever
process, after a restart too, and its logs (`trace`). The id of its first span is the end of it.
Between two processes a context travels as the header `traceparent` of a record (W3C Trace Context,
version 00); what was not sampled has no header.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, Self, TypeAlias

from contracts.event import hashed_id

TRACEPARENT = "traceparent"

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]

Kind = Literal["internal", "producer", "consumer", "client"]

Said: TypeAlias = str | int | float | bool

Traces: TypeAlias = Mapping[str, str | None]
"""From what context the records of events go on, by event id."""

NO_TRACES: Traces = {}

_ID = re.compile("[0-9a-f]{32}")
_SAMPLED = re.compile("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][13579bdf]")


def trace_id(subject: str) -> str:
    """Return the id of the trace of a subject, 32 hexadecimal digits: a mention's is its own."""
    return subject if _ID.fullmatch(subject) else hashed_id("trace", subject)


def origin(subject: str) -> str:
    """Return the context of the first span of the trace of a subject."""
    trace = trace_id(subject)
    return f"00-{trace}-{trace[16:]}-01"


def context_of(headers: Headers | None) -> str | None:
    """Return the context that a record brings, None where it is not sampled or none of ours."""
    for name, value in headers or ():
        if name == TRACEPARENT and value:
            said = value.decode("ascii", "replace")
            return said if _SAMPLED.fullmatch(said) else None
    return None


def headers_of(context: str | None) -> Headers:
    """Return the headers of a record that goes on from a context."""
    return ((TRACEPARENT, context.encode()),) if context else ()


class Span:
    """What is done for one subject, from when to when; this one is not recorded.

    `context` is where what follows goes on from, as a `traceparent`.
    """

    context: str | None = None

    def note(self, **said: Said) -> None:
        """Say something of it."""

    def link(self, context: str) -> None:
        """Name another trace that it is of too."""

    def end(self) -> None:
        """It is done."""

    def __enter__(self) -> Self:
        """Do it."""
        return self

    def __exit__(self, *raised: object) -> None:
        """It is done, or failed."""
        if isinstance(error := raised[1], Exception):
            self.note(error=type(error).__name__)
        self.end()


NOTHING: Final = Span()


class Tracing:
    """Records no span, the default: it costs nothing. `libs.tracing.recording` has the other."""

    on = False

    def begin(
        self, name: str, subject: str, *, always: bool, since: int | None = None, **said: Said
    ) -> Span:
        """Begin the trace of a subject, where it is sampled or `always`.

        `since` is when it was done from, Unix nanoseconds of the machine's clock.
        """
        return NOTHING

    def go_on(
        self,
        name: str,
        parent: str | None,
        kind: Kind = "internal",
        since: int | None = None,
        **said: Said,
    ) -> Span:
        """Do something for what a context is of; nothing where it is None."""
        return NOTHING

    def each(self, name: str, records: Iterable[Any], since: int) -> None:
        """Record one thing that was done for all of some records, until now."""

    def close(self) -> None:
        """Send what is left, soon."""


OFF: Final = Tracing()
