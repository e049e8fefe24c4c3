"""A value with its interval, a row a name; the reader's own stands out."""

from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of
from libs.charts.style import PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Bars


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    own = [value | {"own": value[panel.x] == highlight} for value in values]
    axis = alt.Axis(title=None, grid=False, ticks=False, domain=False)
    color = alt.condition("datum.own", alt.value(PALETTE["other"]), alt.value(PALETTE["accent"]))
    base = alt.Chart(alt.Data(values=own)).encode(
        y=alt.Y(panel.x, type="nominal", sort=None, axis=axis), color=color
    )
    rules = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X(
            panel.low,
            type="quantitative",
            scale=alt.Scale(zero=False, nice=True, padding=8),
            axis=axis_of(panel, panel.y, tickCount=5),
        ),
        x2=panel.high,
    )
    points = base.mark_point(filled=True, size=75, opacity=1).encode(
        x=alt.X(panel.y, type="quantitative"),
        shape=alt.condition("datum.own", alt.value("diamond"), alt.value("circle")),
    )
    return alt.layer(rules, points).properties(height=max(120, 22 * len(values)))


def grafana(panel: Panel) -> "Bars":
    """Return the panel of Grafana."""
    from libs.grafana.builders import bars, properties

    built = bars(panel)
    hidden = properties({"custom.hideFrom": {"viz": True, "legend": True, "tooltip": False}})
    for field in panel.fields:
        if field.name not in (panel.x, panel.y):
            built = built.override_by_name(field.label, hidden)
    return built.max(100)
