"""The timeline of a watch as a PDF/UA-1 to print: what its page says, from the first moment on."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from contracts.addresses.hosts import parts_of, web_address
from contracts.watches import Watched
from libs import french
from libs.deciding.hours import zone_of
from libs.french import plural, typography
from services.api.pages.sheets.pdf import TEMPLATES, composed
from services.api.pages.sheets.printable import MISSING
from services.api.watching.timeline import Moment

PRINTED = 1_500
"""Moments that are printed, the newest: some sixty pages."""

COUNTED = (
    ("texte", "texte trouvé", "textes trouvés"),
    ("alerte", "alerte", "alertes"),
    ("envoi", "envoi", "envois"),
    ("vu", "« J’ai vu »", "« J’ai vu »"),
    ("suite", "suite donnée", "suites données"),
)


def timeline_pdf(
    watch: Watched,
    place: str,
    moments: Sequence[Moment],
    *,
    address: str,
    now: datetime,
    simulation: bool,
) -> bytes:
    """Return the PDF of moments, newest first; `place` names the territory, `address` the portal.

    Hours are those of the watch's territory.
    """
    zone = zone_of(watch)
    shown = list(reversed(moments[:PRINTED]))
    counts = Counter(one.what for one in moments)
    said: dict[str, Any] = {
        "title": "Chronologie",
        "about": typography(f"Veille « {watch.name} » · {place}"),
        "purpose": typography(f"Finalité : {watch.purpose}"),
        "counted": typography(
            f"En 30 jours : {', '.join(plural(counts[what], *words) for what, *words in COUNTED)}."
        ),
        "notes": [typography(one) for one in _notes(watch, moments, shown)],
        "days": [
            {"name": french.sentence_case(name), "moments": [_line(one, zone) for one in of_day]}
            for name, of_day in groupby(shown, key=lambda one: french.weekday(one.at, zone))
        ],
        "simulation": simulation,
        "source": f"Observatoire, {address.rstrip('/')}/veilles/{watch.watch}/chronologie",
        "edited": typography(f"édité le {french.moment(now)}"),
    }
    return composed({"main": (TEMPLATES / "chronologie.typ").read_bytes()}, said, now)


def _notes(watch: Watched, moments: Sequence[Moment], shown: Sequence[Moment]) -> list[str]:
    notes = [
        f"Heures de la collectivité ({watch.timezone}), de la plus ancienne à la plus récente."
    ]
    if len(shown) < len(moments):
        notes.append(
            f"Les {french.number(len(shown))} derniers moments sont imprimés, sur "
            f"{french.number(len(moments))} : le fichier CSV de la même page les a tous."
        )
    if not shown:
        notes.append("Rien encore.")
    notes.append(f"{MISSING} : un signe que l’imprimé ne montre pas (émoji, autre écriture).")
    return notes


def _line(one: Moment, zone: ZoneInfo) -> dict[str, str]:
    address = web_address(one.address) or ""
    return {
        "time": typography(french.exact_time(one.at, zone)),
        "what": one.what,
        "said": one.said,
        "address": address,
        "shown": parts_of(address).hostname or "",
    }
