"""Panels as a page shows them: drawn once, kept, with their question and a table beside."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar, cast

from cachetools import LRUCache

from contracts.panels.panel import Field, Panel
from libs import french
from libs.charts import picture as charts
from libs.charts.marks import Mark
from libs.charts.style import Titles
from services.api.figures.queries import Figures
from services.api.figures.rows import Peer, Row
from services.api.figures.views import VIEWS, View
from services.api.words.standing import first_half

R = TypeVar("R", bound=Row)

PICTURES_KEPT = 2_000
"""Drawn pictures that are remembered."""

_drawing = ThreadPoolExecutor(1, "drawing")
"""One at a time: drawing takes a core, and pages need the other."""

_drawn: LRUCache[tuple[str, bytes], str] = LRUCache[tuple[str, bytes], str](PICTURES_KEPT)


@dataclass(frozen=True, slots=True)
class Figure:
    """A panel ready for a template: where its picture is, and the same figures as a table.

    The picture is asked for by the browser when it comes into view: the page never waits for it.
    """

    panel: Panel
    rows: Sequence[Row]
    picture: str | None

    @property
    def known(self) -> int:
        """Return how many rows have a value to draw."""
        return sum(getattr(row, self.panel.y) is not None for row in self.rows)

    @property
    def cells(self) -> list[list[str]]:
        """Return the table: the panel's fields, written in French."""
        fields = self.panel.fields
        return [[write(one, getattr(row, one.name)) for one in fields] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rows that panels about an account read, up to `today` (Europe/Paris), by view.

    From `first` on where it is given (the days of a past month), else as far as each panel looks.
    """

    account: str
    today: date
    first: date | None
    rows: Mapping[str, Sequence[Row]]

    def of(self, view: View[R]) -> list[R]:
        """Return all the rows of a view that was read, as far back as any panel looks."""
        return cast("list[R]", self.rows.get(view.name, []))

    def shown(self, panel: Panel) -> list[Row]:
        """Return the rows of a panel: no older than it looks, no place of the second half."""
        rows = list(self.rows[panel.view])
        if panel.view == "peers":
            return list(first_half.shown_peers(cast("list[Peer]", rows), self.account))
        if panel.span is None:
            return rows
        since = self.first or panel.since(self.today)
        return [row for row in rows if _day(getattr(row, panel.x)) >= since]


def _day(moment: date | datetime) -> date:
    return moment.astimezone(french.PARIS).date() if isinstance(moment, datetime) else moment


async def load(
    figures: Figures,
    panels: Sequence[Panel],
    account: str,
    period: str,
    today: date,
    first: date | None = None,
    known: Mapping[str, Sequence[Row]] | None = None,
) -> Loaded:
    """Read what panels about an account show, each view once; `known` has those already read."""
    known = known or {}
    views = {panel.view: VIEWS[panel.view] for panel in panels if panel.view not in known}
    since = {
        name: first or min(panel.since(today) for panel in panels if panel.view == name)
        for name in views
    }

    def given(view: View[Row]) -> dict[str, str]:
        asked = {
            "account": account,
            "period": period,
            "date_from": since[view.name].isoformat(),
            "date_to": today.isoformat(),
        }
        return {name: asked[name] for name in view.parameters}

    read = await asyncio.gather(*(figures.read(one, None, **given(one)) for one in views.values()))
    return Loaded(account, today, first, {**known, **dict(zip(views, read, strict=True))})


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
    titled: Titles | None = None,
    marks: Sequence[Mark] = (),
) -> str:
    """Return a panel's SVG; '' when there is nothing to draw."""
    if panel.counted:
        rows = counted(panel, rows)
    shown = [[getattr(row, one.name) for one in panel.fields] for row in rows]
    drawn = f"{simulation}{narrow}{highlight}{titled}{marks}{shown}"
    digest = hashlib.blake2b(drawn.encode(), digest_size=16).digest()
    key = (panel.slug, digest)
    if key not in _drawn:
        draw = partial(
            charts.svg,
            panel,
            rows,
            simulation=simulation,
            highlight=highlight,
            narrow=narrow,
            titled=titled,
            marks=marks,
        )
        _drawn[key] = await asyncio.get_running_loop().run_in_executor(_drawing, draw)
    return _drawn[key]


def _seconds(value: float) -> str:
    return french.duration(round(value / 60)) if value >= 60 else f"{round(value)} s"


WRITERS: dict[str, Callable[[Any], str]] = {
    "seconds": _seconds,
    "month": french.month,
    "day": french.short_day,
    "instant": french.moment,
    "ratio": french.percent,
    "points": partial(french.number, decimals=1),
    "per_day": partial(french.number, decimals=2),
    "times": partial(french.number, decimals=1),
    "count": french.number,
    "rank": french.number,
}


def write(field: Field, value: Any) -> str:
    """Write a value as its field is read; a null is « — »."""
    return french.UNKNOWN if value is None else WRITERS.get(field.kind, field.written)(value)
