"""The short mails of the portal: a few sentences, then links."""

from collections.abc import Mapping, Sequence
from html import escape

from contracts.watches import UNSUBSCRIBE_PAGE, WATCH_PAGE, Watched
from libs.french import typography
from services.api.store import Mail

STYLE = "max-width:36rem;padding:1rem;font:16px/1.5 system-ui,sans-serif"


def leaving(portal_url: str, watch: Watched, address: str) -> str:
    """Return the page where an address asks to be told no more."""
    page = portal_url.rstrip("/") + UNSUBSCRIBE_PAGE.format(watch=watch.watch)
    return f"{page}?destinataire={watch.recipient_name(address)}"


def about(
    portal_url: str,
    watch: Watched,
    address: str,
    subject: str,
    sentences: Sequence[str],
    *,
    simulation: bool,
) -> Mail:
    """Return a mail that links to the watch, and to where one leaves it."""
    page = portal_url.rstrip("/") + WATCH_PAGE.format(watch=watch.watch)
    leave = leaving(portal_url, watch, address)
    links = {"Voir la veille": page, "Ne plus recevoir ces messages": leave}
    text = (*sentences, *(f"{label} : {link}" for label, link in links.items()))
    return mail(subject, text, paragraphs(sentences, links), leave, simulation=simulation)


def mail(
    subject: str,
    text: Sequence[str],
    html: str,
    leave: str | None = None,
    *,
    simulation: bool,
) -> Mail:
    """Return a mail, in French typography; one of a simulation says so in its subject."""
    mark = "[SIMULATION] " if simulation else ""
    return Mail(
        subject=typography(f"{mark}{subject}"),
        text=typography("\n\n".join(text)),
        html=f'<div lang="fr" style="{STYLE}">{html}</div>',
        leave=leave,
    )


def paragraphs(sentences: Sequence[str], links: Mapping[str, str]) -> str:
    """Return sentences and links, by label, a paragraph each."""
    said = "".join(f"<p>{escape(typography(one))}</p>" for one in sentences)
    below = (f'<p><a href="{escape(link)}">{label}</a></p>' for label, link in links.items())
    return said + "".join(below)
