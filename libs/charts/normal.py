"""How many times the usual, over days: a line where it is as usual, hollow marks for what is young.

The scale is of ratios: twice as much is as far above the line as half as much is below. ``second``
tells kinds by shape and colour, ``low`` is the field that says what is young.
"""

from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of, time_axis
from libs.charts.dots import SERIES
from libs.charts.style import PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Curve

TICKS = (0.1, 0.25, 0.5, 1, 2, 4, 10, 25, 100)
"""Times the normal of an account, as its axis may say."""

LOWEST_SHOWN = 0.1
"""A post that gathered nothing stands on the lowest line."""


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    known = [
        value | {panel.y: max(LOWEST_SHOWN, value[panel.y])}
        for value in values
        if value[panel.y] is not None
    ]
    found = [value[panel.y] for value in known]
    low, high = min(*found, 0.5), max(*found, 2)
    ticks = [one for one in TICKS if low / 2 <= one <= high * 2]
    kinds = sorted({str(value[panel.second]) for value in known})
    colours = alt.Scale(domain=kinds, range=[SERIES[n % len(SERIES)] for n in range(len(kinds))])
    legend = alt.Legend(title=None, orient="top", columns=4)
    scale = alt.Scale(type="log", domain=[min(low, ticks[0]), max(high, ticks[-1])])
    base = alt.Chart(alt.Data(values=known))
    usual = alt.Chart(alt.Data(values=[{"usual": 1}])).mark_rule(
        color=PALETTE["ink"], strokeDash=[4, 3]
    )
    colour = alt.Color(panel.second, type="nominal", scale=colours, legend=legend)
    points = base.encode(
        x=time_axis(panel),
        y=alt.Y(
            panel.y,
            type="quantitative",
            scale=scale,
            axis=axis_of(panel, panel.y, values=ticks),
        ),
        shape=alt.Shape(panel.second, type="nominal", scale=alt.Scale(domain=kinds), legend=legend),
    )
    young = f"datum['{panel.low}'] == 'oui'"
    return alt.layer(
        usual.encode(y=alt.Y("usual", type="quantitative", scale=scale)),
        points.transform_filter(f"!({young})")
        .mark_point(size=55, filled=True, opacity=0.8)
        .encode(color=colour),
        points.transform_filter(young)
        .mark_point(size=60, filled=False, strokeWidth=2)
        .encode(color=colour),
    )


def grafana(panel: Panel) -> "Curve":
    """Return the panel of Grafana."""
    from libs.grafana.builders import curve, style

    return curve(panel).draw_style(style.POINTS).point_size(7)
