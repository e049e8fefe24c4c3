"""The picture of a trace for the docs: its spans in order, each from when to when."""

from collections.abc import Sequence
from pathlib import Path

import altair as alt
import vl_convert
from opentelemetry.sdk.trace import ReadableSpan

from libs.charts.style import FONT, PALETTE

SHORTEST = 0.004
"""Of the width: what takes a few microseconds is seen too."""


def draw(spans: Sequence[ReadableSpan], place: Path) -> None:
    """Write a trace as SVG: one line a span, by process, with its milliseconds."""
    began = min(span.start_time or 0 for span in spans)
    ended = max(span.end_time or 0 for span in spans)
    whole = (ended - began) / 1e6
    rows = [
        {
            "n": number,
            "name": span.name,
            "process": str(span.resource.attributes["service.name"]),
            "from": (span.start_time - began) / 1e6,
            "to": max(span.end_time - began, span.start_time - began + SHORTEST * whole * 1e6)
            / 1e6,
            "ms": f"{(span.end_time - span.start_time) / 1e6:.1f} ms",
        }
        for number, span in enumerate(sorted(spans, key=lambda one: one.start_time or 0))
        if span.start_time and span.end_time
    ]
    line = alt.Y("n:O", axis=None)
    shown = alt.Chart(alt.Data(values=rows))
    names = shown.mark_text(align="left", fontSize=12).encode(
        line, alt.Text("name:N"), x=alt.value(0)
    )
    bars = shown.mark_bar(height=12).encode(
        line,
        alt.X("from:Q", title="milliseconds since the network was heard"),
        alt.X2("to:Q"),
        alt.Color(
            "process:N",
            scale=alt.Scale(range=[PALETTE[one] for one in ("accent", "other", "third")]),
            legend=alt.Legend(title=None, orient="top"),
        ),
    )
    lasts = shown.mark_text(align="left", dx=4, fontSize=11).encode(
        line, alt.Text("ms:N"), alt.X("to:Q", scale=alt.Scale(domain=[0, whole * 1.12]))
    )
    height = 20 * len(rows)
    chart = alt.hconcat(
        names.properties(width=250, height=height),
        (bars + lasts).properties(width=640, height=height),
        background="white",
        config=alt.Config(font=FONT, view=alt.ViewConfig(stroke=None)),
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(vl_convert.vegalite_to_svg(chart.to_dict()))
