"""The feed of revisions (Atom, RFC 4287): whoever has quoted a month learns that it changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from libs import french
from services.api.figures.month_rows import MonthRevision

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
KEPT = 50

register_namespace("", ATOM)


def revisions_feed(
    revisions: Sequence[MonthRevision], portal_url: str, *, simulation: bool
) -> bytes:
    """Return the feed, the latest computation first, each with why and its hash."""
    mark = "[SIMULATION] " if simulation else ""
    feed = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})
    _add(feed, "id", f"{portal_url}/donnees#revisions")
    _add(feed, "title", f"{mark}Observatoire : mois publiés et révisés")
    _add(
        feed,
        "updated",
        _instant(max((one.withdrawn_at or one.computed_at for one in revisions), default=None)),
    )
    _add(SubElement(feed, f"{{{ATOM}}}author"), "name", "Observatoire")
    _link(feed, f"{portal_url}/api/v1/months.atom", "self")
    for one in _told(revisions)[:KEPT]:
        entry = SubElement(feed, f"{{{ATOM}}}entry")
        title, summary = entry_of(one, simulation=simulation)
        known = f"{portal_url}/donnees#{one.period}-{one.methodology}-{one.revision}"
        _add(entry, "id", f"{known}-retrait" if one.withdrawn_at else known)
        _add(entry, "title", title)
        _add(entry, "updated", _instant(one.withdrawn_at or one.computed_at))
        _link(entry, f"{portal_url}/donnees?periode={one.period}", "alternate")
        _add(entry, "summary", summary)
    return tostring(feed, encoding="utf-8", xml_declaration=True)


def entry_of(one: MonthRevision, *, simulation: bool) -> tuple[str, str]:
    """Return the title and the summary of an entry: a month published, or taken away."""
    mark, month = "[SIMULATION] " if simulation else "", french.month(one.period)
    if one.withdrawn_at:
        quoted = f"révision {one.revision}, empreinte {one.hash}"
        why = f"Erratum. Raison : {one.withdrawn} Ne citez plus la {quoted}."
        return f"{mark}{month} : retiré", why
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
