"""Panels drawn by Vega-Lite: SVG for pages, PNG for mail and slides, both marked in a simulation.

A drawing takes 30 to 60 ms on one core; who draws often keeps what was drawn. Colours are those of
`PALETTE`; an SVG turns them over by itself on a dark screen, a PNG stays light.
"""

import html
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import altair as alt
import vl_convert
from babel.dates import format_date
from prometheus_client import Histogram

from contracts.panels.panel import Field, FieldKind, Panel

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
SERIES = [PALETTE["accent"], PALETTE["other"], PALETTE["third"], PALETTE["soft"]]
WIDTH, HEIGHT = 430, 210
NARROW_WIDTH = 340
"""For a telephone, where a picture of `WIDTH` would shrink and its words with it."""
LEAST_DAYS = 30
"""Columns are never wider than a day of so many, however few there are."""
LABELS_WIDTH = {WIDTH: 190, NARROW_WIDTH: 140}
"""How wide names beside bars may be."""
PARIS = ZoneInfo("Europe/Paris")
PNG_SCALE = 2.0
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
"""Fonts of one and the same width: labels measured here fit there."""

ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
"""What Vega writes on each group of marks: roles of images without a name."""

DRAWN = Histogram(
    "observatoire_chart_seconds",
    "Time to draw a panel",
    ["panel"],
    buckets=(0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1),
)

FORMATS: dict[FieldKind, str] = {"ratio": ".1~%", "count": ",d", "rank": ",d", "points": ".0f"}
KIND_LABELS = {
    "text": "texte",
    "photo": "photo",
    "album": "album",
    "video": "vidéo",
    "link": "lien",
    "event": "événement",
    "other": "autre",
}


def svg(
    panel: Panel,
    rows: Sequence[object],
    *,
    simulation: bool,
    highlight: str | None = None,
    narrow: bool = False,
) -> str:
    """Return a panel drawn as SVG, without XML header; '' when there is nothing to draw.

    `rows` have the panel's fields as attributes; `highlight` is the value of `x` that stands out
    (`intervals`); `narrow` is for a telephone. The picture carries its mark inside itself in a
    simulation, and no role: who shows it says what it is of.
    """
    values = [_values(panel, row) for row in rows]
    if not any(value.get(panel.y) is not None for value in values):
        return ""
    with DRAWN.labels(panel.slug).time():
        chart = _DRAWINGS[panel.drawing](panel, values, highlight)
        picture = vl_convert.vegalite_to_svg(
            json.dumps(_configured(chart, NARROW_WIDTH if narrow else WIDTH).to_dict()),
            format_locale="fr-FR",
            time_format_locale="fr-FR",
        )
    picture = _styled(ROLES.sub("", picture))
    return _marked(picture, panel.slug) if simulation else picture


def drawable(panel: Panel, rows: Sequence[object]) -> bool:
    """Tell whether there is anything to draw."""
    return panel.drawing in _DRAWINGS and any(getattr(row, panel.y) is not None for row in rows)


def png(picture: str) -> bytes:
    """Return a drawn SVG as PNG, at twice its size, on paper white."""
    return vl_convert.svg_to_png(picture, scale=PNG_SCALE)


def _values(panel: Panel, row: object) -> dict[str, Any]:
    return {field.name: _value(field, getattr(row, field.name)) for field in panel.fields}


def _value(field: Field, value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if field.kind == "month" and isinstance(value, str):
        return format_date(date.fromisoformat(f"{value}-01"), "MMM yy", locale="fr")
    if field.name == "kind" and isinstance(value, str):
        return KIND_LABELS.get(value, value)
    return value


def _axis(panel: Panel, name: str, **options: Any) -> alt.Axis:
    field = panel.field(name)
    if field.kind in FORMATS:
        options.setdefault("format", FORMATS[field.kind])
    return alt.Axis(title=None, **options)


def _time(panel: Panel) -> alt.X:
    axis = alt.Axis(title=None, format="%-d %b", tickCount=5, grid=False, labelOverlap=True)
    return alt.X(panel.x, type="temporal", axis=axis)


def _band(panel: Panel, values: list[dict[str, Any]], highlight: str | None) -> Any:
    axis = alt.Axis(title=None, labelAngle=0, grid=False, labelOverlap="greedy")
    x = alt.X(panel.x, type="ordinal", sort=None, axis=axis, scale=alt.Scale(padding=0.3))
    y = alt.Y(
        panel.low,
        type="quantitative",
        axis=_axis(panel, panel.y, tickCount=5),
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


def _ends(panel: Panel, values: list[dict[str, Any]], base: Any) -> list[Any]:
    """Return the first and the last known values, in figures: a scale to 100 flattens a move."""
    known = [value for value in values if value[panel.y] is not None]
    ends = {value[panel.x]: value[panel.y] for value in (known[0], known[-1])}
    return [
        base.transform_filter(alt.FieldEqualPredicate(field=panel.x, equal=name))
        .mark_text(dy=-14, color=PALETTE["ink"], fontWeight="bold")
        .encode(
            y=alt.Y(panel.y, type="quantitative"),
            text=alt.value(f"{worth:.1f}".replace(".", ",")),
        )
        for name, worth in ends.items()
    ]


def _line(panel: Panel, values: list[dict[str, Any]], highlight: str | None) -> Any:
    y = alt.Y(
        panel.y,
        type="quantitative",
        axis=_axis(panel, panel.y, tickCount=5),
        scale=alt.Scale(zero=False, nice=True),
    )
    base = alt.Chart(alt.Data(values=values)).encode(x=_time(panel), y=y)
    return base.mark_line(color=PALETTE["accent"], strokeWidth=2.5)


def _columns(panel: Panel, values: list[dict[str, Any]], highlight: str | None) -> Any:
    most = max(value[panel.y] or 0 for value in values)
    whole = list(range(0, most + 1, 1 + most // 6))
    y = alt.Y(panel.y, type="quantitative", axis=_axis(panel, panel.y, values=whole))
    days = [date.fromisoformat(value[panel.x][:10]) for value in values]
    width = max(2, int(0.7 * WIDTH / max(LEAST_DAYS, (max(days) - min(days)).days + 1)))
    base = alt.Chart(alt.Data(values=values)).encode(x=_time(panel), y=y)
    return base.mark_bar(color=PALETTE["accent"], width=width)


def _shares(panel: Panel, values: list[dict[str, Any]], highlight: str | None) -> Any:
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


def _intervals(panel: Panel, values: list[dict[str, Any]], highlight: str | None) -> Any:
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
            axis=_axis(panel, panel.y, tickCount=5),
        ),
        x2=panel.high,
    )
    points = base.mark_point(filled=True, size=75, opacity=1).encode(
        x=alt.X(panel.y, type="quantitative"),
        shape=alt.condition("datum.own", alt.value("diamond"), alt.value("circle")),
    )
    return alt.layer(rules, points).properties(height=max(120, 22 * len(values)))


def _dots(panel: Panel, values: list[dict[str, Any]], highlight: str | None) -> Any:
    kinds = sorted({str(value[panel.second]) for value in values})
    scale = alt.Scale(domain=kinds, range=[SERIES[n % len(SERIES)] for n in range(len(kinds))])
    legend = alt.Legend(title=None, orient="top", columns=4)
    y = alt.Y(panel.y, type="quantitative", axis=_axis(panel, panel.y, tickCount=5))
    base = alt.Chart(alt.Data(values=values)).encode(x=_time(panel), y=y)
    return base.mark_point(size=60, filled=True, opacity=0.85).encode(
        color=alt.Color(panel.second, type="nominal", scale=scale, legend=legend),
        shape=alt.Shape(panel.second, type="nominal", scale=alt.Scale(domain=kinds), legend=legend),
    )


_DRAWINGS = {
    "band": _band,
    "line": _line,
    "columns": _columns,
    "shares": _shares,
    "intervals": _intervals,
    "dots": _dots,
}


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


def _turned() -> str:
    """Return the rules that turn the colours over on a dark screen."""
    rules = [f'text[fill="{ON_ACCENT}"]{{fill:{ON_ACCENT_DARK}}}']
    for name, light in PALETTE.items():
        rules += [
            f'[{attribute}="{light}"]{{{attribute}:{DARK[name]}}}'
            for attribute in ("fill", "stroke")
        ]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


STYLE = f"<style>{_turned()}</style>"


def _styled(picture: str) -> str:
    """Write the rules of dark screens into the picture."""
    head, rest = picture.split(">", 1)
    return f"{head}>{STYLE}{rest}"


def _marked(picture: str, slug: str) -> str:
    """Write the mark of the simulation into the picture, all over it: it survives a crop."""
    mark = html.escape(slug)
    pattern = (
        f'<defs><pattern id="simulation-{mark}" width="130" height="46" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(-20)">'
        f'<text x="4" y="28" font-family="sans-serif" font-size="15" font-weight="bold" '
        f'fill="{PALETTE["other"]}" fill-opacity="0.12">SIMULATION</text></pattern></defs>'
        f'<rect class="simulation" width="100%" height="100%" fill="url(#simulation-{mark})"/>'
    )
    head, _, rest = picture.partition("/>")
    return f"{head}/>{pattern}{rest}"
