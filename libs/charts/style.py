"""What all drawings share: colours, sizes, axes."""

from typing import Any

import altair as alt

from contracts.panels.panel import FieldKind, Panel

PALETTE = {
    "ink": "#1b2733",
    "soft": "#566370",
    "grid": "#e4dfd4",
    "accent": "#0b5c66",
    "band": "#b9dadb",
    "left": "#ecd9bd",
    "other": "#b4540a",
    "third": "#6b4f9a",
    "paper": "#fffdf9",
}
DARK = {
    "ink": "#e8edf0",
    "soft": "#a7b3bc",
    "grid": "#2c3840",
    "accent": "#74cbd3",
    "band": "#1f4d52",
    "left": "#5b4a31",
    "other": "#f2a65e",
    "third": "#bda4ea",
    "paper": "#192127",
}
"""The same names on a dark screen: those of the portal's style sheet."""


ON_ACCENT, ON_ACCENT_DARK = "#ffffff", "#06262a"
WIDTH, HEIGHT = 430, 210
FORMATS: dict[FieldKind, str] = {
    "ratio": ".1~%",
    "count": ",d",
    "rank": ",d",
    "points": ".0f",
    "times": ".1~f",
}

Values = list[dict[str, Any]]
"""What is drawn: the fields of a panel by name, a row each."""


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
