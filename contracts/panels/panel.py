"""What a panel is: a question, the view that answers it, how to draw it, what to do about it.

Defined once, drawn twice: by Grafana by itself, and by Vega-Lite (`libs/charts/`) on the
page of the portal where it was given a place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from contracts.clickhouse.labels import month_name
from contracts.panels.labels import SHOWN

FieldKind = Literal[
    "month", "day", "instant", "text", "link", "count", "ratio", "points", "rank", "per_day",
    "seconds", "times",
]  # fmt: skip
"""How a value is read and written: a month is "2026-10", a ratio 0.041, points are of 100, times
are of what is usual."""

Place = Literal["score", "account"]
"""Where a page about an account draws a panel: beside its score, or with its days."""

Drawing = Literal[
    "band", "line", "columns", "shares", "intervals", "dots", "curves", "normal", "table"
]
"""How a panel is drawn; the file of that name in `libs/charts/` says what it is, and how."""

Write = Callable[[str], str]
"""How a variable is written in a statement: quoted for the engine, or as Grafana's `${…}`."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the view that the panel shows, with its French name.

    Beyond `limit` it is no longer well: a table says so.
    """

    name: str
    label: str
    kind: FieldKind
    limit: float | None = None

    @property
    def expression(self) -> str:
        """Return the column as Grafana needs it: months and days as instants, codes in French.

        (A table, which is read and not drawn over time, names its months.)
        """
        if self.kind == "month":
            return f"toDateTime(concat({self.name}, '-01 00:00:00'), 'Europe/Paris')"
        if self.kind == "day":
            return f"toDateTime(toDate({self.name}, 'Europe/Paris'), 'Europe/Paris')"
        if self.name in SHOWN:
            codes, words = ([*one] for one in zip(*SHOWN[self.name].items(), strict=True))
            return f"transform({self.name}, {codes}, {words}, {self.name})"
        return self.name

    def written(self, code: str) -> str:
        """Return a text as it is read: a code in French."""
        return SHOWN.get(self.name, {}).get(code, code)


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel; `x`, `y`, `low`, `high`, `second` name fields of its own.

    `parameters` are those of the view, each with the variable that gives it. `filters` are columns
    kept equal to the variable of the same name, unless that one is « Tous » (`''`). `counted` rows
    are counted by `x`, and `y` is their number. `advice` is what to do about the answer;
    `frequency` advice is muted in an electoral period. `place` is where the portal draws it, in the
    order of the dashboard (None: Grafana alone). `span` is how far back the portal's picture looks,
    for a view that asks from when; Grafana has its own time picker. `derived` panels show what some
    networks' terms forbid to derive.
    """

    slug: str
    question: str
    view: str
    parameters: dict[str, str]
    fields: tuple[Field, ...]
    drawing: Drawing
    advice: str
    x: str = ""
    y: str = ""
    low: str = ""
    high: str = ""
    second: str = ""
    filters: tuple[str, ...] = ()
    limit: int | None = None
    counted: bool = False
    frequency: bool = False
    span: timedelta | None = None
    place: Place | None = None
    derived: bool = False

    def __post_init__(self) -> None:
        wanted = "date_from" in self.parameters and self.place is not None
        if wanted != (self.span is not None):
            raise ValueError(
                f"panel {self.slug}: a `span` for a view that asks `date_from` on the portal, "
                "else none"
            )

    def since(self, today: date) -> date:
        """Return the first day that the portal's picture looks at, `today` being the last."""
        return today - (self.span or timedelta())

    def field(self, name: str) -> Field:
        """Return the field of this name. Raises `KeyError`."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def sql(self, write: Write) -> str:
        """Return the statement that answers the question, its variables written by `write`."""
        columns = ", ".join(f'{self._expression(one)} AS "{one.label}"' for one in self.fields)
        given = ", ".join(f"{name}={write(value)}" for name, value in self.parameters.items())
        source = f"{self.view}({given})" if given else self.view
        sql = f"SELECT {columns} FROM {source}"  # noqa: S608
        if self.filters:
            kept = [f"({write(name)} = '' OR {name} = {write(name)})" for name in self.filters]
            sql += f" WHERE {' AND '.join(kept)}"
        if self.counted:
            sql += " GROUP BY 1 ORDER BY 1"
        return sql if self.limit is None else f"{sql} LIMIT {self.limit}"

    def _expression(self, field: Field) -> str:
        if field.kind == "month" and self.drawing == "table":
            return month_name(field.name)
        return "count()" if self.counted and field.name == self.y else field.expression


@dataclass(frozen=True, slots=True)
class Variable:
    """What a reader chooses; `sql` gives value and name, « Tous » (`''`) first when it has one.

    `search` names a box of its own: of many choices those whose name holds what is typed there,
    whatever its case and accents, remain.
    """

    name: str
    label: str
    view: str
    value: str
    text: str
    all_label: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    filters: tuple[str, ...] = ()
    order: str = ""
    search: str = ""

    def sql(self, write: Write) -> str:
        """Return the statement of the choices: value, name."""
        given = ", ".join(f"{name}={write(value)}" for name, value in self.parameters)
        source = f"{self.view}({given})" if given else self.view
        kept = [f"({write(name)} = '' OR {name} = {write(name)})" for name in self.filters]
        if self.search:
            kept.append(f"position({_plain(self.text)}, {_plain(write(self.search))}) > 0")
        where = f" WHERE {' AND '.join(kept)}" if kept else ""
        choices = f"SELECT {self.value} AS value, {self.text} AS text FROM {source}{where}"  # noqa: S608
        if self.order:
            choices += f" ORDER BY {self.order}"
        if self.all_label is None:
            return choices
        every = f"SELECT '' AS value, '{self.all_label}' AS text"
        return f"SELECT * FROM ({every} UNION ALL {choices}) ORDER BY value != '', text"  # noqa: S608


def _plain(text: str) -> str:
    """Write a text in small letters without accents, as the engine does."""
    return f"replaceRegexpAll(normalizeUTF8NFD(lowerUTF8({text})), '\\\\p{{M}}', '')"


@dataclass(frozen=True, slots=True)
class Measure:
    """A panel of operations: curves of Prometheus, each a legend and an expression (PromQL).

    Above `limit`, or below `least`, it is no longer well; `advice` is what to do then.
    """

    slug: str
    question: str
    curves: tuple[tuple[str, str], ...]
    unit: Literal["count", "seconds", "ratio", "per_second"]
    advice: str
    limit: float | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Panels under one title, and what their reader chooses.

    With `measures` it is of operations: for whoever runs the installation, not for the public.
    `portal` is the page of the portal that says more, variables written `${…}`; `lesson` the slug
    of the one to read.
    """

    slug: str
    title: str
    description: str
    variables: tuple[Variable, ...] = ()
    panels: tuple[Panel, ...] = ()
    measures: tuple[Measure, ...] = ()
    portal: str = ""
    lesson: str = ""
