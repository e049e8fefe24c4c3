"""One picture of what was sampled: memory, handles and lag, one under the other."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from contracts.panels.panel import Measure
from libs.charts import measured
from libs.charts.style import FONT, PALETTE
from tests.endurance.samples import Sample, series

SHOWN = (
    ("memory", "Memory of each part (MB)"),
    ("handles", "Open handles of each part"),
    ("lag", "Records behind, of the eight groups furthest at the end"),
)
TITLE = 26
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=1)
"""Where clocks of Paris say 00:00: pictures tell how long it has lasted."""


def picture(found: Sequence[Sample]) -> str:
    """Return it as SVG; of each kind, the series that end highest."""
    parts: list[str] = []
    width, top = 0.0, 0.0
    for kind, title in SHOWN:
        curves = [
            (
                name,
                [(MIDNIGHT + timedelta(seconds=at - found[0].at), value) for at, value in points],
            )
            for name, points in series(found, kind).items()
        ]
        drawn = measured.svg(Measure(f"endurance-{kind}", title, (), "count", ""), curves,
                             simulation=False)  # fmt: skip
        if not drawn:
            continue
        across, high = size_of(drawn)
        parts.append(
            f'<text x="12" y="{top + TITLE - 8}" font-family="{FONT}" font-size="14" '
            f'font-weight="bold" fill="{PALETTE["ink"]}">{title}</text>'
        )
        parts.append(drawn.replace("<svg ", f'<svg y="{top + TITLE}" ', 1))
        width, top = max(width, across), top + TITLE + high
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{top:g}" '
        f'viewBox="0 0 {width:g} {top:g}"><rect width="100%" height="100%" '
        f'fill="{PALETTE["paper"]}"/>{"".join(parts)}</svg>\n'
    )


def size_of(drawn: str) -> tuple[float, float]:
    """Return the width and the height of a picture."""
    head = drawn.partition(">")[0]
    found = dict(re.findall(r' (width|height)="([\d.]+)"', head))
    return float(found["width"]), float(found["height"])
