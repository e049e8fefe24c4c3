"""Panels drawn by Vega-Lite: SVG for pages, PNG for mail and slides, both marked in a simulation.

A drawing takes 30 to 60 ms on one core; who draws often keeps what was drawn. Colours are those of
`PALETTE`; an SVG turns them over by itself on a dark screen, a PNG stays light.

Altair takes longer to load than all of our own modules: it is loaded by what first draws.
"""

import html
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.operations.metrics import CHART_SECONDS
from contracts.panels.panel import Field, Panel
from libs.charts.drawing import drawing_of
from libs.charts.marks import Mark, marked
from libs.charts.style import DARK, ON_ACCENT, ON_ACCENT_DARK, PALETTE, Titles
from libs.charts.widths import held
from libs.clock import PARIS
from libs.french import short_month
from libs.metrics import histogram

PNG_SCALE = 2.0
"""Pixels of a PNG for one of the drawing: sharp on any screen."""

ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
"""What Vega writes on each group of marks: roles of images without a name."""

DRAWN = histogram(CHART_SECONDS)


def svg(
    panel: Panel,
    rows: Sequence[object],
    *,
    simulation: bool,
    highlight: str | None = None,
    narrow: bool = False,
    titled: Titles | None = None,
    marks: Sequence[Mark] = (),
) -> str:
    """Return a panel drawn as SVG, without XML header; '' when there is nothing to draw.

    `rows` have the panel's fields as attributes; `highlight` is the value of `x` that stands out
    (`intervals`); `narrow` is for a telephone, `titled` for a picture that leaves its page; `marks`
    are days that a note is about, where the panel stands over days. It carries its mark inside
    itself in a simulation, and no role: who shows it says what it is of.
    """
    values = [_values(panel, row) for row in rows]
    vega = drawing_of(panel).vega
    if vega is None or not any(value.get(panel.y) is not None for value in values):
        return ""
    chart = marked(panel, vega(panel, values, highlight), values, marks)
    return drawn(panel.slug, chart, simulation=simulation, narrow=narrow, titled=titled)


def drawn(
    slug: str,
    chart: Any,
    *,
    simulation: bool,
    narrow: bool = False,
    titled: Titles | None = None,
) -> str:
    """Return a chart as SVG, in our colours, with the mark of a simulation."""
    from libs.charts.rendering import rendered

    with DRAWN.labels(slug).time():
        picture = rendered(chart, titled, narrow=narrow)
    picture = _styled(held(ROLES.sub("", picture)))
    return _marked(picture, slug) if simulation else picture


def drawable(panel: Panel, rows: Sequence[object]) -> bool:
    """Tell whether there is anything to draw."""
    known = any(getattr(row, panel.y) is not None for row in rows)
    return known and drawing_of(panel).vega is not None


def png(picture: str) -> bytes:
    """Return a drawn SVG as PNG, at twice its size, on paper white."""
    import vl_convert

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
        return short_month(value)
    return field.written(value) if isinstance(value, str) else value


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
