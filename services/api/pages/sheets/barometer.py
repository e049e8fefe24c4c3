"""The barometer of a year as a PDF/UA-1 to print: the words and figures of its page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.networks import network_of
from libs import french
from libs.french import typography
from services.api.pages.sheets.pdf import TEMPLATES, composed
from services.api.reports.yearly import MEDIANS, Line, Year, headlines, label


def barometer_pdf(
    lines: Sequence[Line], year: Year, *, address: str, now: datetime, simulation: bool
) -> bytes:
    """Return the PDF; `address` is the portal's."""
    networks = list(dict.fromkeys(one.network for one in lines))
    said: dict[str, Any] = {
        "title": typography(f"Baromètre {year.year}"),
        "about": typography(
            f"La présence des collectivités sur les réseaux, {french.month(year.month)}"
            f"{' (provisoire)' if year.provisional else ''}"
        ),
        "headlines": [typography(one) for one in headlines(lines, year)],
        "medians": typography(MEDIANS),
        "before": french.month(year.before) if year.before else "",
        "networks": [
            {
                "name": network_of(network).name,
                "rows": [_row(one) for one in lines if one.network == network],
            }
            for network in networks
        ],
        "simulation": simulation,
        "source": f"Observatoire, {address.rstrip('/')}/barometre?annee={year.year}",
        "edited": typography(f"édité le {french.moment(now)}"),
    }
    template = (TEMPLATES / "barometre.typ").read_bytes()
    return composed({"main": template}, said, now)


def _row(one: Line) -> list[str]:
    cell = one.cell
    presence = [
        french.sentence_case(label(one.category)),
        french.number(one.territories),
        french.number(cell.present),
        french.percent(one.share),
        french.UNKNOWN if one.gained is None else french.signed(one.gained),
    ]
    if not one.scored:
        return presence
    return [
        *presence,
        french.number(cell.scored),
        french.number(cell.score, 1),
        french.number(cell.followers),
        french.percent(cell.engagement),
        french.number(cell.frequency, 2),
    ]
