"""Axes that drawings share."""

from typing import Any

import altair as alt

from contracts.panels.panel import FieldKind, Panel
from libs.charts.style import Values

FORMATS: dict[FieldKind, str] = {
    "ratio": ".1~%",
    "count": ",d",
    "rank": ",d",
    "points": ".0f",
    "times": ".1~f",
}


def axis_of(panel: Panel, name: str, **options: Any) -> alt.Axis:
    """Return an axis without title, its figures written as the kind of the field wants them."""
    field = panel.field(name)
    if field.kind in FORMATS:
        options.setdefault("format", FORMATS[field.kind])
    return alt.Axis(title=None, **options)


def time_axis(panel: Panel) -> alt.X:
    """Return the days along a picture."""
    days = alt.Axis(title=None, format="%-d %b", tickCount=5, grid=False, labelOverlap=True)
    return alt.X(panel.x, type="temporal", axis=days)


def over_time(panel: Panel, values: Values, **height: Any) -> Any:
    """Return a chart whose values stand over their days; `height` says more of its scale."""
    y = alt.Y(panel.y, type="quantitative", **height)
    return alt.Chart(alt.Data(values=values)).encode(x=time_axis(panel), y=y)
