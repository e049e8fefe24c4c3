"""Panels as a page shows them: drawn once, kept, with their question and a table beside."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from cachetools import LRUCache

from contracts.panels.panel import Field, Panel
from libs.charts import drawings as charts
from services.api.figures.rows import Row
from services.api.words import french

KEPT = 2_000
_drawing = ThreadPoolExecutor(1, "drawing")
"""One at a time: drawing takes a core, and pages need the other."""

_drawn: LRUCache[tuple[str, bytes], str] = LRUCache[tuple[str, bytes], str](KEPT)


@dataclass(frozen=True, slots=True)
class Figure:
    """A panel ready for a template: where its picture is, and the same figures as a table.

    The picture is asked for by the browser when it comes into view: the page never waits for it.
    """

    panel: Panel
    rows: Sequence[Row]
    picture: str | None

    @property
    def cells(self) -> list[list[str]]:
        """Return the table: the panel's fields, written in French."""
        fields = self.panel.fields
        return [[write(one, getattr(row, one.name)) for one in fields] for row in self.rows]


def figure(panel: Panel, rows: Sequence[Row], account: str, period: str) -> Figure:
    """Return a panel about an account; its picture is None when there is nothing to draw."""
    shown = counted(panel, rows) if panel.counted else rows
    address = f"/graphiques/{panel.slug}/{account}.svg?periode={period}"
    return Figure(panel, shown, address if charts.drawable(panel, shown) else None)


def counted(panel: Panel, rows: Sequence[Row]) -> list[Row]:
    """Count rows by the day of the panel's `x` (Europe/Paris), as its statement does."""
    days = Counter(getattr(row, panel.x).astimezone(french.PARIS).date() for row in rows)
    return [Counted(published_at=day, posts=days[day]) for day in sorted(days)]


class Counted(Row):
    """A day and how many posts were published on it."""

    published_at: date
    posts: int


async def picture(
    panel: Panel,
    rows: Sequence[Row],
    simulation: bool,
    highlight: str | None = None,
    *,
    narrow: bool = False,
) -> str:
    """Return a panel's SVG; '' when there is nothing to draw."""
    if panel.counted:
        rows = counted(panel, rows)
    shown = [[getattr(row, one.name) for one in panel.fields] for row in rows]
    drawn = f"{simulation}{narrow}{highlight}{shown}"
    digest = hashlib.blake2b(drawn.encode(), digest_size=16).digest()
    key = (panel.slug, digest)
    if key not in _drawn:
        draw = partial(
            charts.svg, panel, rows, simulation=simulation, highlight=highlight, narrow=narrow
        )
        _drawn[key] = await asyncio.get_running_loop().run_in_executor(_drawing, draw)
    return _drawn[key]


WRITERS: dict[str, Callable[[Any], str]] = {
    "month": french.month,
    "day": french.short_day,
    "instant": french.moment,
    "ratio": french.percent,
    "points": partial(french.number, decimals=1),
    "per_day": partial(french.number, decimals=2),
    "count": french.number,
    "rank": french.number,
}


def write(field: Field, value: Any) -> str:
    """Write a value as its field is read; a null is « — »."""
    return french.UNKNOWN if value is None else WRITERS.get(field.kind, str)(value)
