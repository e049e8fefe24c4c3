"""Curves of operations over time, with a line where it is no longer well."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import altair as alt

from contracts.panels.panel import Measure
from libs.charts.picture import drawn
from libs.charts.style import PALETTE, WIDTH
from libs.clock import PARIS

CURVES_MOST = 8
"""Curves told apart in one picture: of more, those that are highest at the end."""
COLORS = [PALETTE[name] for name in ("accent", "other", "third", "soft", "ink")]
DASHES = ([1, 0], [6, 3])
HEIGHT, LEGEND_ROW = 190, 18
"""Of a picture whose legend has two rows, and of each row more."""

BESIDE, BESIDE_NARROW = 46, 34
"""Signs of two names that fit beside each other."""

BY_DAYS = timedelta(hours=36)
"""Beyond, the days are written along the picture, not the hours."""
FORMATS = {"ratio": ".2~%"}
STEPS = ((7_200, 3_600, " h"), (120, 60, " min"), (0, 1, " s"))
"""From so many seconds at most, by what they are divided, and the unit that is written."""

Curves = Sequence[tuple[str, Sequence[tuple[datetime, float]]]]
"""Names, and what each was when."""


class Legend(NamedTuple):
    """How curves are named: in so many columns, which take so many rows, under a title."""

    columns: int
    rows: int
    title: str | None


def svg(measure: Measure, curves: Curves, *, simulation: bool, narrow: bool = False) -> str:
    """Return the picture, '' where there is nothing to draw."""
    known = [one for one in curves if one[1]]
    if not known:
        return ""
    highest = sorted(known, key=lambda one: -one[1][-1][1])[:CURVES_MOST]
    legend = _legend([name for name, _ in highest], len(known), narrow=narrow)
    chart = _chart(measure, highest, legend)
    return drawn(measure.slug, chart, simulation=simulation, narrow=narrow)


def _legend(names: Sequence[str], known: int, *, narrow: bool) -> Legend:
    """Return how curves are named under the picture: side by side where two names fit."""
    beside = sum(sorted(map(len, names))[-2:]) <= (BESIDE_NARROW if narrow else BESIDE)
    rows = -(-len(names) // 2) if beside else len(names)
    title = f"Les {len(names)} plus hautes, sur {known}" if known > len(names) else None
    return Legend(2 if beside else 1, rows + (title is not None), title)


def _unit(measure: Measure, highest: float) -> tuple[float, str]:
    """Return by what values are divided to be read, and what is written after them."""
    if measure.unit == "seconds":
        return next((by, unit) for least, by, unit in STEPS if highest >= least)
    return 1, " /s" if measure.unit == "per_second" else ""


def _told_apart(names: Sequence[str], legend: Legend) -> dict[str, Any]:
    """Return the colour of each curve, and its dashes once all colours are taken."""
    dashes = [DASHES[rank // len(COLORS)] for rank in range(len(names))]
    return {
        "color": alt.Color(
            "name",
            type="nominal",
            legend=alt.Legend(
                title=legend.title,
                titleFontWeight="normal",
                titleFontSize=13,
                orient="bottom",
                columns=legend.columns,
                columnPadding=20,
                labelLimit=WIDTH // legend.columns - 40,
            ),
            scale=alt.Scale(domain=names, range=(COLORS * 2)[: len(names)]),
        ),
        "strokeDash": alt.StrokeDash(
            "name", type="nominal", legend=None, scale=alt.Scale(domain=names, range=dashes)
        ),
    }


def _chart(measure: Measure, curves: Curves, legend: Legend) -> Any:
    height = HEIGHT + LEGEND_ROW * max(0, legend.rows - 2)
    seen = [value for _, points in curves for _, value in points]
    by, unit = _unit(measure, max(seen))
    values = [
        {
            "at": at.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M:%S"),
            "value": value / by,
            "name": name,
        }
        for name, points in curves
        for at, value in points
    ]
    limit = measure.limit if measure.limit is not None else measure.least
    bound = None if limit is None else limit / by
    highest = max(seen) / by
    base = alt.Chart(alt.Data(values=values)).encode(
        x=_moments(curves),
        y=_values(measure, unit, flat=highest == 0 and not bound),
        **_told_apart([name for name, _ in curves], legend),
    )
    lines = base.mark_line(strokeWidth=2)
    # Far above all curves the bound would flatten them: it is said by the words beside.
    if bound is None or (measure.limit is not None and bound > 4 * highest > 0):
        return lines.properties(height=height)
    rule = (
        alt.Chart(alt.Data(values=[{"value": bound}]))
        .mark_rule(color=PALETTE["other"], strokeDash=[3, 3], strokeWidth=1.5)
        .encode(y=alt.Y("value", type="quantitative"))
    )
    return alt.layer(lines, rule).properties(height=height)


def _moments(curves: Curves) -> alt.X:
    """Return the axis of time, by hours or by days."""
    moments = [at for _, points in curves for at, _ in points]
    days = max(moments) - min(moments) > BY_DAYS
    axis = alt.Axis(
        title=None,
        format="%-d %b" if days else "%H:%M",
        tickCount=5,
        grid=False,
        labelOverlap=True,
    )
    return alt.X("at", type="temporal", axis=axis)


def _values(measure: Measure, unit: str, *, flat: bool) -> alt.Y:
    """Return the axis of values; a flat curve at zero is a curve all the same."""
    axis = alt.Axis(
        title=None,
        format=FORMATS.get(measure.unit, ",.3~r"),
        tickCount=4,
        labelExpr=f"datum.label + '{unit}'",
    )
    domain_max = 1 if flat else alt.Undefined
    scale = alt.Scale(zero=measure.least != 0, nice=True, domainMax=domain_max)
    return alt.Y("value", type="quantitative", axis=axis, scale=scale)
