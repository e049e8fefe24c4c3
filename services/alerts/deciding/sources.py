"""Whether each network answers: a source that fails is told, and so is one that falls silent."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from contracts.jobs import SOURCE_FAILURES, Cause, JobEnded, account_of_owner, source_failing
from contracts.networks import BY_SLUG, network_of

SILENCE_TIMES = 1.5
"""A network is silent when no job ended for so many times the age its posts may have; one that only
owners open may have none open any more."""

AWAKE_LEAST = timedelta(minutes=15)
"""After a start, silence is judged only so long later: the collector may be starting too."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a network, since when, and when it last answered (UTC)."""

    network: str
    kind: Literal["source_failed", "silence"]
    since: datetime
    answered_at: datetime | None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    cause: Cause | None = None


class Sources:
    """The state of each network, by the outcomes of jobs; `started_at` is when we began (UTC)."""

    def __init__(self, started_at: datetime) -> None:
        self._started_at = started_at
        self._sources: dict[str, _Source] = {}

    def take(self, ended: JobEnded) -> None:
        """Hear how a job ended; ends may come out of order by a little.

        A network that this version does not know tells nobody anything, and would stay for ever. A
        token of an owner that is refused is her account's alone.
        """
        if ended.cause == "expired" or ended.network not in BY_SLUG:
            return
        if ended.cause == "credential" and account_of_owner(ended.bucket) is not None:
            return
        source = self._sources.get(ended.network, _Source())
        at = max(ended.ended_at, source.ended_at or ended.ended_at)
        if ended.cause not in SOURCE_FAILURES:
            source = _Source(answered_at=at, ended_at=at)
        elif source.answered_at is None or ended.ended_at >= source.answered_at:
            source = replace(
                source,
                ended_at=at,
                failing_since=source.failing_since or ended.ended_at,
                failures=source.failures + 1,
                cause=ended.cause,
            )
        self._sources[ended.network] = source

    def troubles(self, now: datetime) -> dict[str, Trouble]:
        """Return the networks in trouble, with what is wrong."""
        found = (self._trouble(network, source, now) for network, source in self._sources.items())
        return {trouble.network: trouble for trouble in found if trouble}

    def _trouble(self, network: str, source: _Source, now: datetime) -> Trouble | None:
        since = source.failing_since
        if since and source_failing(source.cause, source.failures, now - since):
            return Trouble(network, "source_failed", since, source.answered_at, source.cause)
        heard = source.ended_at
        if heard is None or not network_of(network).observed or network_of(network).by_owner:
            return None
        patience = SILENCE_TIMES * timedelta(seconds=network_of(network).freshness.posts)
        if now - heard > patience and now - self._started_at >= AWAKE_LEAST:
            return Trouble(network, "silence", heard, source.answered_at)
        return None
