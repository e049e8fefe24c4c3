"""The mail of a Monday, as text and as HTML, with the link by which it is left (RFC 8058)."""

from collections.abc import Iterator
from html import escape

from libs import french
from libs.french import typography
from libs.letter import MADE_UP_TEXT
from libs.letter import letter as face
from services.api.pages.mondays.said import Monday, Section
from services.api.store import Mail

SETTINGS_PAGE = "/equipe/{code}/lundi"
LEAVE_PAGE = "/lundi/{name}/fin"
LEAVE = "Ne plus recevoir les cinq minutes du lundi"


def letter(portal_url: str, said: Monday, name: str, *, simulation: bool) -> Mail:
    """Write the mail to the agent whose wish has this name."""
    here = portal_url.rstrip("/")
    title = typography(
        f"{said.place.nom} : vos cinq minutes du lundi {french.day_and_month(said.at)}"
    )
    foot = {
        "Régler ce courriel": here + SETTINGS_PAGE.format(code=said.place.code),
        LEAVE: here + LEAVE_PAGE.format(name=name),
    }
    text = [
        *("\n\n".join(_text(one, here)) for one in said.sections),
        "\n".join(f"{label} : {address}" for label, address in foot.items()),
        *([MADE_UP_TEXT] if simulation else []),
    ]
    first = next((sentence for one in said.sections for sentence in one.sentences), "")
    html = face(
        title,
        (),
        {},
        foot=foot,
        inside=typography("".join(_html(one, here) for one in said.sections)),
        first=typography(first),
        simulation=simulation,
    )
    mark = "[SIMULATION] " if simulation else ""
    return Mail(f"{mark}{title}", typography("\n\n\n".join(text)), html, leave=foot[LEAVE])


def _text(one: Section, here: str) -> Iterator[str]:
    yield one.title.upper()
    yield from one.sentences
    if one.quote:
        yield f"« {one.quote} »\n{one.where}"
    for label, address in _links(one, here):
        yield f"{label} : {address}"


def _html(one: Section, here: str) -> str:
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in one.sentences)
    quote = (
        f'<blockquote class="said"><p>{escape(one.quote)}</p>'
        f'<p class="where">{escape(one.where)}</p></blockquote>'
        if one.quote
        else ""
    )
    links = " · ".join(
        f'<a href="{escape(address)}">{escape(label)}</a>' for label, address in _links(one, here)
    )
    return f"<h2>{escape(one.title)}</h2>{said}{quote}" + (f"<p>{links}</p>" if links else "")


def _links(one: Section, here: str) -> Iterator[tuple[str, str]]:
    for label, address in one.links.items():
        yield label, here + address if address.startswith("/") else address
