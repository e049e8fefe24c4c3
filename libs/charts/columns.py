"""Columns over days."""

from datetime import date
from typing import TYPE_CHECKING, Any

from contracts.panels.panel import Panel
from libs.charts.axes import axis_of, over_time
from libs.charts.style import PALETTE, WIDTH, Values

if TYPE_CHECKING:
    from libs.grafana.builders import Curve

LEAST_DAYS = 30
"""Columns are never wider than a day of so many, however few there are."""


def vega(panel: Panel, values: Values, highlight: str | None) -> Any:
    """Return the chart."""
    most = max(value[panel.y] or 0 for value in values)
    whole = list(range(0, most + 1, 1 + most // 6))
    days = [date.fromisoformat(value[panel.x][:10]) for value in values]
    width = max(2, int(0.7 * WIDTH / max(LEAST_DAYS, (max(days) - min(days)).days + 1)))
    base = over_time(panel, values, axis=axis_of(panel, panel.y, values=whole))
    return base.mark_bar(color=PALETTE["accent"], width=width)


def grafana(panel: Panel) -> "Curve":
    """Return the panel of Grafana."""
    from libs.grafana.builders import curve, style

    return curve(panel).draw_style(style.BARS).fill_opacity(80).decimals(0)
