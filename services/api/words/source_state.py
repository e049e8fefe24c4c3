"""How the reading of a network goes, in words: up to date, late, failing, or just begun."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.jobs import source_failing
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.figures.ops_rows import ReadingAge
from services.api.figures.rows import Source

LATE = 0.05
"""Share of a network's accounts beyond its target from which the whole of it is called late."""

FIRST_DAY = timedelta(days=1)
"""How long a demonstration has for its first readings: the target is one a day."""


@dataclass(frozen=True, slots=True)
class State:
    """What is said of a source, and the mark that it bears: `ok`, `begun`, `bad` or none."""

    words: str
    mark: str = ""


def state(source: Source, now: datetime, started: datetime | None) -> State:
    """Return how a source does; `started` is when the demonstration did (None: it is none)."""
    if failing(source, now):
        return State("en panne", "bad")
    if not source.accounts or source.stale_accounts <= LATE * source.accounts:
        return State("à jour", "ok")
    if begins(now, started):
        return State("premiers relevés en cours", "begun")
    return State("en retard")


def begins(now: datetime, started: datetime | None) -> bool:
    """Whether a demonstration is in its first day: not all can have been read."""
    return started is not None and now - started < FIRST_DAY


def unread(source: Source) -> str:
    """Say how many accounts are beyond the target: « aucun », « 628 sur 1 574 (40 %) »."""
    if not source.stale_accounts:
        return "aucun"
    share = source.stale_accounts / max(1, source.accounts)
    written = french.percent(share, 0) if share >= 0.01 else "moins de 1\u202f%"
    return (
        f"{french.number(source.stale_accounts)} sur{NO_BREAK}{french.number(source.accounts)} "
        f"({written})"
    )


def ages(of: ReadingAge) -> str:
    """Say how old readings are at most: « 5 h pour la moitié, 18 h pour 95 % »."""
    shares = ((of.p50, "la moitié"), (of.p95, f"95{NARROW}%"))
    known = [f"{french.age(age)} pour {share}" for age, share in shares if age is not None]
    return ", ".join(known) or "pas encore lu"


def failing(source: Source, now: datetime) -> bool:
    """Whether a network does not answer: failures since it last did."""
    if source.failing_since is None:
        return False
    return source_failing(source.last_cause, source.unanswered, now - source.failing_since)
