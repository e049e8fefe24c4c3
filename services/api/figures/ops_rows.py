"""The rows of the views that operations look at."""

from services.api.figures.rows import Row


class ReadingAge(Row):
    """How old what is shown of a network is: seconds, a ratio of its accounts."""

    network: str
    accounts: int
    p50: float | None
    p95: float | None
    late_ratio: float


class Disk(Row):
    """A disk of the engine, in bytes."""

    disk: str
    free: int
    size: int
