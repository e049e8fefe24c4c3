"""A curve over days."""

from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of, over_time
from libs.charts.style import PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Curve


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    scale = alt.Scale(zero=False, nice=True)
    base = over_time(panel, values, axis=axis_of(panel, panel.y, tickCount=5), scale=scale)
    alone = len(values) == 1  # of which no line is drawn
    return base.mark_line(color=PALETTE["accent"], strokeWidth=2.5, point=alone)


def grafana(panel: Panel) -> "Curve":
    """Return the panel of Grafana."""
    from libs.grafana.builders import curve

    return curve(panel)
