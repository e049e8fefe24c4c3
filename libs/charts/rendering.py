"""A chart of Altair as SVG, in our sizes, fonts and colours."""

import json
import textwrap
from typing import Any

import altair as alt
import vl_convert

from libs.charts.style import FONT, HEIGHT, NARROW_WIDTH, PALETTE, WIDTH, Titles

LABELS_WIDTH = {WIDTH: 190, NARROW_WIDTH: 175}
"""How wide names beside bars may be."""


def rendered(chart: Any, titled: Titles | None, *, narrow: bool) -> str:
    """Return the SVG of a chart, as Vega writes it."""
    width = NARROW_WIDTH if narrow else WIDTH
    chart = _titled(chart, titled, width)
    return vl_convert.vegalite_to_svg(
        json.dumps(_configured(chart, width).to_dict()),
        format_locale="fr-FR",
        time_format_locale="fr-FR",
    )


def _titled(chart: Any, titled: Titles | None, width: int) -> Any:
    """Write its titles over a chart, cut into lines that fit its width."""
    if titled is None:
        return chart
    question = textwrap.wrap(titled.question, width // 9)
    said = [line for text in titled[1:] for line in textwrap.wrap(text, width // 7)]
    height = HEIGHT if chart.height is alt.Undefined else chart.height
    title = alt.TitleParams(
        question,
        subtitle=said,
        anchor="start",
        fontSize=16,
        color=PALETTE["ink"],
        subtitleFontSize=12,
        subtitleColor=PALETTE["soft"],
        offset=10,
    )
    return chart.properties(title=title, height=height + 20 * len(question) + 15 * len(said) + 10)


def _configured(chart: Any, width: int) -> Any:
    if chart.height is alt.Undefined:
        chart = chart.properties(height=HEIGHT)
    return (
        chart.properties(width=width, background=PALETTE["paper"], padding=8)
        .properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .configure(aria=False, font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=PALETTE["soft"],
            labelFontSize=13,
            gridColor=PALETTE["grid"],
            domainColor=PALETTE["grid"],
            tickColor=PALETTE["grid"],
        )
        .configure_axisY(labelLimit=LABELS_WIDTH[width])
        .configure_legend(
            labelColor=PALETTE["ink"],
            labelFontSize=13,
            offset=4,
            columns=1 if width == NARROW_WIDTH else 0,
        )
        .configure_text(fontSize=13)
    )
