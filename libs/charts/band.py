"""A curve in its interval, both its ends in figures."""

from typing import TYPE_CHECKING, Any

import altair as alt

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of
from libs.charts.style import PALETTE, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Curve


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    axis = alt.Axis(title=None, labelAngle=0, grid=False, labelOverlap="greedy")
    x = alt.X(panel.x, type="ordinal", sort=None, axis=axis, scale=alt.Scale(padding=0.3))
    y = alt.Y(
        panel.low,
        type="quantitative",
        axis=axis_of(panel, panel.y, tickCount=5),
        scale=alt.Scale(domain=[0, 100]),
    )
    base = alt.Chart(alt.Data(values=values))
    band = base.mark_area(color=PALETTE["band"]).encode(x=x, y=y, y2=panel.high)
    line = base.mark_line(
        color=PALETTE["accent"],
        strokeWidth=2.5,
        point=alt.OverlayMarkDef(size=45, filled=True, color=PALETTE["accent"]),
    ).encode(x=x, y=alt.Y(panel.y, type="quantitative"))
    return alt.layer(band, line, *_ends(panel, values, base.encode(x=x)))


def _ends(panel: Panel, values: Values, base: Any) -> list[Any]:
    """Return the first and the last known values, in figures: a scale to 100 flattens a move."""
    known = [value for value in values if value[panel.y] is not None]
    first, ends = known[0][panel.x], {one[panel.x]: one[panel.y] for one in (known[0], known[-1])}
    return [
        base.transform_filter(alt.FieldEqualPredicate(field=panel.x, equal=name))
        .mark_text(
            dy=-14,
            align="left" if name == first else "center",
            color=PALETTE["ink"],
            fontWeight="bold",
        )
        .encode(
            y=alt.Y(panel.y, type="quantitative"),
            text=alt.value(f"{worth:.1f}".replace(".", ",")),
        )
        for name, worth in ends.items()
    ]


def grafana(panel: Panel) -> "Curve":
    """Return the panel of Grafana."""
    from libs.grafana.builders import curve, properties, shown

    low, high = panel.field(panel.low).label, panel.field(panel.high).label
    quiet = {
        "custom.lineWidth": 0,
        "custom.hideFrom": {"legend": True},
        "custom.showPoints": "never",
    }
    return (
        curve(panel)
        .min(0)
        .max(100)
        .show_points(shown.ALWAYS)
        .override_by_name(low, properties(quiet))
        .override_by_name(high, properties(quiet | {"custom.fillBelowTo": low}))
    )
