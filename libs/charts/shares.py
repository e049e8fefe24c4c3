"""What was won and what was lost, stacked."""

from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.style import ON_ACCENT, PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Bars


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    parts = [panel.field(panel.y), panel.field(panel.second)]
    stacked = [
        {
            "name": value[panel.x],
            "part": part.label,
            "order": place,
            "points": value[part.name],
            "written": f"{value[part.name]:.1f}".replace(".", ","),
        }
        for value in values
        for place, part in enumerate(parts)
        if value[part.name] is not None
    ]
    scale = alt.Scale(
        domain=[part.label for part in parts], range=[PALETTE["accent"], PALETTE["left"]]
    )
    legend = alt.Legend(title=None, orient="top", symbolType="square")
    base = alt.Chart(alt.Data(values=stacked)).encode(
        y=alt.Y("name", type="nominal", sort=None, axis=alt.Axis(title=None)),
        order=alt.Order("order", type="quantitative"),
    )
    bars = base.mark_bar(height=22).encode(
        x=alt.X(
            "points",
            type="quantitative",
            stack="zero",
            axis=alt.Axis(title=None, tickCount=5, format=".0f"),
        ),
        color=alt.Color("part", type="nominal", scale=scale, legend=legend),
    )
    won = base.transform_filter("datum.order == 0").mark_text(
        align="left", dx=5, color=ON_ACCENT, fontWeight="bold"
    )
    texts = won.transform_filter("datum.points >= 4.5").encode(
        x=alt.value(0), text=alt.Text("written", type="nominal")
    )
    return alt.layer(bars, texts)


def grafana(panel: Panel) -> "Bars":
    """Return the panel of Grafana."""
    from libs.grafana.builders import bars, stacking

    return bars(panel).stacking(stacking.NORMAL)
