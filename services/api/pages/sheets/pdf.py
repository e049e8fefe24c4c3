"""A report as one sheet of A4, both sides, in PDF/UA-1: composed by typst, with its own fonts.

The page says the same words as the portal's (`sheet.py`); the two sides are `rapport.typ`. No font
of the machine is used: the sheet is the same everywhere. Source: typst.app/docs/reference/pdf.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from libs import french
from libs.charts import picture as charts
from libs.charts.style import FONT, PALETTE
from services.api.pages.sheets.printable import printable
from services.api.pages.sheets.sheet import Drawn, Sheet

TEMPLATES = Path(__file__).parents[2] / "templates"
STANDARD = "ua-1"
SERIF = "Libertinus Serif"
"""A font that typst carries, for the page and the pictures in it."""


def pdf(
    sheet: Sheet, pictures: Sequence[Drawn], *, address: str, now: datetime, simulation: bool
) -> bytes:
    """Return the sheet; `address` is the portal's. It takes a tenth of a second of a core."""
    files = {f"{place}.svg": printed(one.svg).encode() for place, one in enumerate(pictures)}
    said = said_of(sheet, pictures, address=address, now=now, simulation=simulation)
    files["main"] = (TEMPLATES / "rapport.typ").read_bytes()
    return composed(files, said, now)


def composed(files: dict[str, bytes], said: dict[str, Any], now: datetime) -> bytes:
    """Return the PDF of a template (« main ») and its pictures, with the words that are given.

    What its fonts do not have is left out of them.
    """
    return _compiled()(
        files,
        format="pdf",
        pdf_standards=[STANDARD],
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(_printable(said))},
        timestamp=now.replace(microsecond=0),
    )


def _printable(said: Any) -> Any:
    match said:
        case str():
            return printable(said)
        case list():
            return [_printable(one) for one in cast("list[Any]", said)]
        case dict():
            return {name: _printable(one) for name, one in cast("dict[str, Any]", said).items()}
        case _:
            return said


def said_of(
    sheet: Sheet, pictures: Sequence[Drawn], *, address: str, now: datetime, simulation: bool
) -> dict[str, Any]:
    """Return the words of a sheet, in French typography, for its template."""
    score, write = sheet.score, french.typography
    margin = f"entre {french.number(score.low, 1)} et {french.number(score.high, 1)}"
    where = f"{address.rstrip('/')}/rapports/{sheet.report.slug}/{sheet.territory.code}"
    return {
        "title": sheet.territory.nom,
        "about": write(f"{sheet.about} · {sheet.state} · pour {sheet.report.audience}"),
        "score": "" if score.score is None else french.number(score.score, 1),
        "margin": "" if score.score is None else margin,
        "standing": write(sheet.standing),
        "trend": write(sheet.trend),
        "remarks": [
            {"title": one.title, "text": write(one.text), "rewritten": one.rewritten}
            for one in sheet.remarks
        ],
        "pictures": [{"question": write(one.question), "words": one.words} for one in pictures],
        "answers": [
            {"question": write(one.question), "answer": write(one.answer)} for one in sheet.answers
        ],
        "electoral": write(sheet.electoral.line if sheet.electoral else ""),
        "faces": [
            {"said": write(f"Accompagnée par {one.name}"), "logo": list(one.logo or b"")}
            for one in sheet.faces
        ],
        "simulation": simulation,
        "source": f"Observatoire, {where}",
        "edited": write(f"édité le {french.moment(now)}"),
    }


def printed(svg: str) -> str:
    """Return a picture for paper: on white, in the page's font, without rules of screens."""
    svg = re.sub(r' (?:textLength|lengthAdjust)="[^"]*"', "", svg.replace(charts.STYLE, ""))
    svg = svg.replace(PALETTE["paper"], "#ffffff")
    return svg.replace(FONT, SERIF).replace('"sans-serif"', f'"{SERIF}"')


def _compiled() -> Callable[..., bytes]:
    """Return typst, which is loaded when a sheet is first asked for: it is 60 MB."""
    return cast("Callable[..., bytes]", import_module("typst").compile)
