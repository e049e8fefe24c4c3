"""Several curves over months, one a name: told apart by dashes and marks, without colour too."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of
from libs.charts.style import HEIGHT, PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Curve

BESIDE = 36
"""Signs of two names that fit beside each other under a picture for a telephone."""
LEGEND_ROWS = 50
"""Height of what a legend one above the other takes more."""
DASHES = ([1, 0], [6, 3], [2, 2], [10, 3, 2, 3], [12, 4], [4, 6])
MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down")


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart; the name that stands out comes first in the legend."""
    names = list(dict.fromkeys(value[panel.second] for value in values))
    names.sort(key=lambda name: name != highlight)
    beside = sum(sorted(map(len, names))[-2:]) <= BESIDE
    legend = _legend(columns=2 if beside else 1)
    axis = alt.Axis(title=None, labelAngle=0, grid=False, labelOverlap="greedy")
    colors = [PALETTE["other"], *[PALETTE["accent"], PALETTE["third"], PALETTE["soft"]] * 2]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X(panel.x, type="ordinal", sort=None, axis=axis, scale=alt.Scale(padding=0.3)),
        y=alt.Y(
            panel.y,
            type="quantitative",
            axis=axis_of(panel, panel.y, tickCount=5),
            scale=alt.Scale(zero=False, nice=True, padding=12),
        ),
        color=alt.Color(panel.second, type="nominal", legend=legend, scale=_scale(names, colors)),
    )
    # Marks apart from lines, so that they are not dashed.
    lines = base.mark_line(strokeWidth=2.2).encode(
        strokeDash=alt.StrokeDash(
            panel.second, type="nominal", legend=None, scale=_scale(names, DASHES)
        )
    )
    marks = base.mark_point(size=60, filled=False, fill="white", opacity=1).encode(
        shape=alt.Shape(panel.second, type="nominal", legend=legend, scale=_scale(names, MARKS))
    )
    shown = alt.layer(lines, marks)
    return shown if beside else shown.properties(height=HEIGHT + LEGEND_ROWS)


def _legend(columns: int) -> alt.Legend:
    return alt.Legend(
        title=None,
        orient="bottom",
        columns=columns,
        symbolSize=140,
        symbolStrokeWidth=2,
        symbolOpacity=1,
        labelLimit=260,
    )


def _scale(names: Sequence[str], shown_by: Sequence[Any]) -> alt.Scale:
    """Return by what each name is shown: a colour, a dash, a mark."""
    return alt.Scale(domain=names, range=list(shown_by[: len(names)]))


def grafana(panel: Panel) -> "Curve":
    """Return the panel of Grafana."""
    from libs.grafana.builders import curve

    return curve(panel)
