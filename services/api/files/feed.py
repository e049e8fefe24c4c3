"""Feeds (Atom, RFC 4287): who has quoted a month, or an account, learns that it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from fastapi.responses import Response

from libs import french
from services.api.figures.month_rows import MonthRevision

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
ENTRIES_KEPT = 50
"""The newest ones of a feed."""

SIMULATION = "[SIMULATION] "

register_namespace("", ATOM)


class AtomResponse(Response):
    """A feed."""

    media_type = MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its id (for good), where it leads, both below the portal's address."""

    id: str
    title: str
    updated: datetime
    link: str
    summary: str


def revisions_feed(
    revisions: Sequence[MonthRevision], portal_url: str, *, simulation: bool
) -> bytes:
    """Return the feed of months, the latest computation first, each with why and its hash."""
    entries: list[Entry] = []
    for one in _told(revisions):
        title, summary = entry_of(one, simulation=simulation)
        known = f"/donnees#{one.period}-{one.methodology}-{one.revision}"
        entries.append(
            Entry(
                f"{known}-retrait" if one.withdrawn_at else known,
                title,
                one.withdrawn_at or one.computed_at,
                f"/donnees?periode={one.period}",
                summary,
            )
        )
    title = "Observatoire : mois publiés et révisés"
    return feed(entries, portal_url, "months", title, "/donnees#revisions", simulation=simulation)


def feed(
    entries: Sequence[Entry],
    portal_url: str,
    resource: str,
    title: str,
    about: str,
    *,
    simulation: bool,
) -> bytes:
    """Return a feed as bytes, with the first `ENTRIES_KEPT`; `about` is its id, for good."""
    made = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})
    _add(made, "id", f"{portal_url}{about}")
    _add(made, "title", f"{SIMULATION if simulation else ''}{title}")
    _add(made, "updated", _instant(max((one.updated for one in entries), default=None)))
    _add(SubElement(made, f"{{{ATOM}}}author"), "name", "Observatoire")
    _link(made, f"{portal_url}/api/v1/{resource}.atom", "self")
    for one in entries[:ENTRIES_KEPT]:
        entry = SubElement(made, f"{{{ATOM}}}entry")
        _add(entry, "id", f"{portal_url}{one.id}")
        _add(entry, "title", one.title)
        _add(entry, "updated", _instant(one.updated))
        _link(entry, f"{portal_url}{one.link}", "alternate")
        _add(entry, "summary", one.summary)
    return tostring(made, encoding="utf-8", xml_declaration=True)


def entry_of(one: MonthRevision, *, simulation: bool) -> tuple[str, str]:
    """Return the title and the summary of an entry: a month published, or taken away."""
    mark, month = SIMULATION if simulation else "", french.month(one.period)
    if one.withdrawn_at:
        quoted = f"révision {one.revision}, empreinte {one.hash}"
        why = french.full_stop(one.withdrawn or "")
        told = f"Mois retiré. Raison : {why} Ne citez plus la {quoted}."
        return f"{mark}{month} : retiré", told
    state = "provisoire" if one.state == "provisional" else "définitif"
    why = f"Raison : {one.reason}. " if one.reason else ""
    return (
        f"{mark}{month} : révision {one.revision}, {state}",
        f"{why}Méthodologie {one.methodology}, {one.ranked} comptes notés, empreinte {one.hash}.",
    )


def _told(revisions: Sequence[MonthRevision]) -> list[MonthRevision]:
    """Return what is told: each computation, and each that was taken away once more, first."""
    gone = [one for one in revisions if one.withdrawn_at]
    kept = [one.model_copy(update={"withdrawn": None, "withdrawn_at": None}) for one in revisions]
    return gone + kept


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = french.typography(text)


def _link(parent: Element, address: str, rel: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"href": address, "rel": rel})


def _instant(value: datetime | None) -> str:
    """Write an instant as RFC 3339 has it; a feed must be dated, even empty."""
    return (value or datetime.fromtimestamp(0, UTC)).isoformat().replace("+00:00", "Z")
