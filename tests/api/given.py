"""Rows of watches and texts that a test gives, filtered and counted as the views do.

`test_figures.py` stores the same rows in the engine and holds both to one answer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from libs.clock import paris_day
from libs.matching.words import line

Given = dict[str, Any]
Silent = tuple[str, str, datetime]
"""A watch, why it told nothing, and when."""


def matches(rows: Iterable[Given], date_from: str, date_to: str) -> list[Given]:
    """Return what `watch_matches` answers."""
    return _newest(rows, "published_at", "subject", date_from, date_to)


def hours(rows: Iterable[Given], date_from: str, date_to: str) -> list[Given]:
    """Return what `watch_hours` answers."""
    found: dict[datetime, set[str]] = {}
    for row in matches(rows, date_from, date_to):
        if row.get("state", "present") == "present":
            hour = row["published_at"].replace(minute=0, second=0, microsecond=0)
            found.setdefault(hour, set()).add(row["subject"])
    return [{"hour": hour, "matches": len(found[hour])} for hour in sorted(found)]


def alerts(rows: Iterable[Given], date_from: str, date_to: str) -> list[Given]:
    """Return what `watch_alerts` answers."""
    return _newest(rows, "raised_at", "alert", date_from, date_to)


def activity(rows: dict[str, list[Given]], since: str) -> list[Given]:
    """Return what `watch_activity` answers."""
    after = datetime.fromisoformat(since)
    lately = {
        watch: [row for row in told if row["raised_at"] >= after] for watch, told in rows.items()
    }
    return [
        {
            "watch": watch,
            "alerts": len({row["alert"] for row in lately[watch]}),
            "last_at": max(row["raised_at"] for row in lately[watch]),
        }
        for watch in sorted(lately)
        if lately[watch]
    ]


def silences(rows: Iterable[Silent], watch: str, since: str, until: str) -> list[Given]:
    """Return what `watch_silences_between` answers; each is of an alert of its own."""
    after, last = datetime.fromisoformat(since), datetime.fromisoformat(until)
    found: dict[str, list[datetime]] = {}
    for of, why, at in rows:
        if of == watch and after < at <= last:
            found.setdefault(why, []).append(at)
    counted = [{"why": why, "times": len(at), "last_at": max(at)} for why, at in found.items()]
    return sorted(counted, key=lambda one: (-one["times"], one["why"]))


def texts_read(rows: Iterable[Given], since: str) -> list[Given]:
    """Return what `texts_read` answers; a text is read when it is published, where not said."""
    after = datetime.fromisoformat(since)
    found: dict[tuple[str, str], list[Given]] = {}
    for row in rows:
        if min(row["published_at"], _read_at(row)) >= after:
            place = (row["network"], row.get("said_by", "others"))
            found.setdefault(place, []).append(row)
    return [
        {
            "network": network,
            "said_by": said_by,
            "texts": len({row["subject"] for row in found[network, said_by]}),
            "first_read_at": min(map(_read_at, found[network, said_by])),
            "last_read_at": max(map(_read_at, found[network, said_by])),
        }
        for network, said_by in sorted(found)
    ]


def texts_between(rows: Iterable[Given], date_from: str, date_to: str) -> list[Given]:
    """Return what `texts_between` answers."""
    whole = [
        {"said_by": "others", "source": "s", "observed_at": _read_at(row)} | row for row in rows
    ]
    return _newest(whole, "published_at", "subject", date_from, date_to)


def texts_with(rows: Iterable[Given], date_from: str, date_to: str, words: str) -> list[Given]:
    """Return what `texts_with` answers: texts in which one of some folded words stands."""
    return [
        row
        for row in texts_between(rows, date_from, date_to)
        if not words or any(word in line(row["text"]).decode() for word in words.split())
    ]


def stored(rows: Iterable[tuple[str, datetime]], since: str) -> list[Given]:
    """Return what `stored_observations` answers."""
    after = datetime.fromisoformat(since)
    return [{"event_id": name} for name, moment in rows if moment >= after]


def _read_at(row: Given) -> datetime:
    return row.get("observed_at", row["published_at"])


def _newest(
    rows: Iterable[Given], at: str, name: str, date_from: str, date_to: str
) -> Sequence[Given]:
    within = [row for row in rows if date_from <= paris_day(row[at]) <= date_to]
    return sorted(sorted(within, key=lambda row: row[name]), key=lambda row: row[at], reverse=True)
