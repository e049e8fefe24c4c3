"""What a stream is: where it is read, how it goes on from a cursor, what its lines give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from contracts.event import Event, Origin
from contracts.jobs import PostReading, Progress
from contracts.networks import Network
from contracts.topics import Topic
from libs.matching.sieve import Sieve
from services.collector.streaming.known import Mentions


class Line(Protocol):
    """What was said at once."""

    @property
    def cursor(self) -> str:
        """Return from where to go on after it."""
        ...

    @property
    def moment(self) -> datetime:
        """Return when it was sent (UTC)."""
        ...


MOST_REVISIONS = 2**53
"""More than the rows of a stream will ever have: one is added every few seconds."""

LineT = TypeVar("LineT", bound=Line)


class Hearing(NamedTuple):
    """Who listens, and for what.

    `accounts` are the registered ones, native id → account; `known` the mentions published before,
    so that their deletion is told; `now` when lines are read (UTC).
    """

    origin: Origin
    accounts: Mapping[str, str]
    sieve: Sieve
    known: Mentions
    now: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What one line gives: events, the post of an account (to be read again), or a mention.

    `what` is what the line was, or why it gives nothing: a label of metrics. A mention that is to
    be remembered is a "mention", what is no more is "deleted".
    """

    events: tuple[tuple[Topic, Event], ...] = ()
    account: str | None = None
    reading: PostReading | None = None
    mention: str | None = None
    what: str = "other collection"


@dataclass(frozen=True, slots=True)
class Stream(Generic[LineT]):
    """The stream of a network, over a WebSocket; all its functions are pure.

    - ``read``: bytes or text → a line; raises `ValueError` for one that is none
    - ``see``: what a line gives
    - ``cursor_at``: the cursor of a moment
    - ``usable``: whether a cursor is one, of a moment that has been: ahead, it would give nothing
    - ``since``: the parameters that go on from a cursor, a little before
    - ``author_of``: the part of a mention's address that names whose it is
    """

    network: Network
    address: str
    read: Callable[[bytes | str], LineT]
    see: Callable[[LineT, Hearing], Seen]
    cursor_at: Callable[[datetime], str]
    usable: Callable[[str, datetime], bool]
    since: Callable[[str], Mapping[str, str]]
    author_of: Callable[[str], str]

    @property
    def subject(self) -> str:
        """Return the subject of its outcomes, and of the row where its cursor is kept."""
        return f"stream:{self.network.slug}"

    def wrote(self, row: Progress, now: datetime) -> bool:
        """Tell whether a row is one that this stream wrote, to go on from."""
        ours = row.subject == self.subject and row.revision < MOST_REVISIONS
        return ours and self.usable(row.cursor or "", now)
