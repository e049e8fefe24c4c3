"""Jobs that have been granted and whose outcome is awaited."""

import heapq
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.jobs import JobGranted, Operation

GRACE = timedelta(seconds=30)
"""Left to a job after its end to say how it ended, before its subjects are due again."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A job in flight: its subjects, and the operation that they were due for."""

    subjects: tuple[str, ...]
    operation: Operation
    until: datetime


class InFlight:
    """Knows what is awaited, and of whom: nobody is asked twice at once for the same thing."""

    def __init__(self) -> None:
        self._awaited: dict[str, Awaited] = {}
        self._ends: list[tuple[datetime, str]] = []
        self._busy: dict[tuple[str, Operation], str] = {}

    def __len__(self) -> int:
        """Return how many jobs are awaited."""
        return len(self._awaited)

    def busy(self, subject: str, operation: Operation) -> bool:
        """Tell whether an answer about a subject is awaited."""
        return (subject, operation) in self._busy

    def add(self, job: JobGranted, operation: Operation) -> None:
        """Await a job; `operation` is the one its subjects were due for."""
        names = tuple(subject.subject for subject in job.subjects)
        until = job.expires_at + GRACE
        self._awaited[job.job] = Awaited(names, operation, until)
        heapq.heappush(self._ends, (until, job.job))
        for name in names:
            self._busy[name, operation] = job.job

    def ended(self, job: str) -> None:
        """Await a job no longer: it has ended."""
        awaited = self._awaited.pop(job, None)
        for name in awaited.subjects if awaited else ():
            if awaited and self._busy.get((name, awaited.operation)) == job:
                del self._busy[name, awaited.operation]

    def lost(self, now: datetime) -> list[str]:
        """Give up on jobs of which nothing was heard; return their subjects."""
        subjects: list[str] = []
        while self._ends and self._ends[0][0] <= now:
            _, job = heapq.heappop(self._ends)
            awaited = self._awaited.get(job)
            if awaited is not None:
                subjects += awaited.subjects
                self.ended(job)
        return subjects
