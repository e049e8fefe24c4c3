"""Failures that a test or a demonstration asks of a catcher: so many times, with such a status."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure to give: the status, and over HTTP the seconds of its ``Retry-After``."""

    status: int
    retry_after: int | None = None


class Faults:
    """The failures still to give, for one catcher."""

    def __init__(self) -> None:
        self._due: list[Fault] = []

    def plan(self, fault: Fault, times: int) -> None:
        """Add so many failures after those already planned."""
        self._due.extend([fault] * times)

    def take(self) -> Fault | None:
        """Return the failure to give now, None when there is none left."""
        return self._due.pop(0) if self._due else None

    def clear(self) -> None:
        """Fail no more."""
        self._due.clear()
