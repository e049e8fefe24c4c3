"""A cloud over days, a colour and a shape for each kind."""

from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of, over_time
from libs.charts.style import PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Curve

SERIES = [PALETTE["accent"], PALETTE["other"], PALETTE["third"], PALETTE["soft"]]


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    kinds = sorted({str(value[panel.second]) for value in values})
    scale = alt.Scale(domain=kinds, range=[SERIES[n % len(SERIES)] for n in range(len(kinds))])
    legend = alt.Legend(title=None, orient="top", columns=4)
    base = over_time(panel, values, axis=axis_of(panel, panel.y, tickCount=5))
    return base.mark_point(size=60, filled=True, opacity=0.85).encode(
        color=alt.Color(panel.second, type="nominal", scale=scale, legend=legend),
        shape=alt.Shape(panel.second, type="nominal", scale=alt.Scale(domain=kinds), legend=legend),
    )


def grafana(panel: Panel) -> "Curve":
    """Return the panel of Grafana."""
    from libs.grafana.builders import curve, style

    return curve(panel).draw_style(style.POINTS).point_size(7)
