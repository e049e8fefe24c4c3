"""What a search did not find before: it is asked from a little before the last time."""

from datetime import datetime

from contracts.jobs import JobGranted

KEPT = 120
"""Names of what was found that are remembered, the latest: as much as may be found again."""


class News:
    """What a job's search found before, and finds now, by names without spaces."""

    def __init__(self, job: JobGranted) -> None:
        self._since = job.since
        self._known = dict.fromkeys((job.items or "").split())

    def take(self, name: str, moment: datetime) -> bool:
        """Tell whether this is news, and remember it (UTC)."""
        if name in self._known or (self._since is not None and moment < self._since):
            return False
        self._known[name] = None
        return True

    @property
    def items(self) -> str:
        """Return what the next search is to know, as it travels."""
        return " ".join([*self._known][-KEPT:])
