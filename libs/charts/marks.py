"""Days that people wrote a note on, over any chart whose values stand over their days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from contracts.panels.panel import Panel
from libs.charts.style import PALETTE, Values


class Mark(NamedTuple):
    """A day, and the number that its note has in the list below the chart."""

    day: date
    label: str


def markable(panel: Panel) -> bool:
    """Tell whether a panel stands over days."""
    return panel.drawing != "table" and bool(panel.x) and panel.field(panel.x).kind in _DAYS


_DAYS = ("day", "instant")


def marked(panel: Panel, chart: Any, values: Values, marks: Sequence[Mark]) -> Any:
    """Return a chart with a line on each marked day that it covers, its number at the top."""
    days = sorted(str(value[panel.x])[:10] for value in values if value.get(panel.x))
    if not days or not markable(panel):
        return chart
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    rows = [
        {panel.x: f"{one.day.isoformat()}T12:00:00", "label": one.label}
        for one in marks
        if first - timedelta(days=1) <= one.day <= last
    ]
    if not rows:
        return chart
    # Slow to load, and for a curve that bears notes alone.
    import altair as alt

    from libs.charts.axes import time_axis

    over = alt.Chart(alt.Data(values=rows)).encode(x=time_axis(panel))
    rule = over.mark_rule(color=PALETTE["other"], strokeDash=[4, 3], strokeWidth=1.5)
    number = over.mark_text(
        color=PALETTE["other"], fontWeight="bold", align="left", baseline="top", dx=4
    ).encode(text="label:N", y=alt.value(0))
    return alt.layer(chart, rule, number)
