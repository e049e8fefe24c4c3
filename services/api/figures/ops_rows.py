"""The rows of the views that operations look at."""

from services.api.figures.rows import Instant, Row, Text


class ReadingAge(Row):
    """How old what is shown of a network is: seconds, a ratio of its accounts."""

    network: str
    accounts: int
    p50: float | None
    p95: float | None
    late_ratio: float


class QuotaUse(Row):
    """What was asked of a network for some time, paid from one bucket: requests, UTC moments."""

    network: str
    bucket: str
    operation: str
    used: int
    first_at: Instant
    last_at: Instant
    told_left: int | None
    told_at: Instant | None
    paused_until: Instant | None


class FailingFeed(Row):
    """A feed that was not read when it was last asked; `territory` is empty of a source."""

    network: str
    feed: str
    handle: str
    territory: Text
    last_done: Instant | None
    last_failed: Instant
    last_cause: str
    failing_since: Instant
    failures: int
    detail: Text


class Disk(Row):
    """A disk of the engine, in bytes."""

    disk: str
    free: int
    size: int
