"""The short mails of the portal: a few sentences, then links."""

from collections.abc import Mapping, Sequence

from contracts.watches import UNSUBSCRIBE_PAGE, WATCH_PAGE, Watched
from libs.french import typography
from libs.letter import MADE_UP_TEXT, letter
from services.api.store import Mail

LEAVE = "Ne plus recevoir ces messages"


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
    links: Mapping[str, str] | None = None,
    *,
    simulation: bool,
) -> Mail:
    """Return a mail that links to the watch, and to where one leaves it; `links` come first."""
    page = portal_url.rstrip("/") + WATCH_PAGE.format(watch=watch.watch)
    leave = leaving(portal_url, watch, address)
    shown = {**(links or {}), "Voir la veille": page}
    return mail(subject, sentences, shown, leave, simulation=simulation)


def mail(
    subject: str,
    sentences: Sequence[str],
    links: Mapping[str, str],
    leave: str | None = None,
    *,
    simulation: bool,
) -> Mail:
    """Return a mail, in French typography; one of a simulation says so in subject and body."""
    said = [typography(one) for one in sentences]
    mark = "[SIMULATION] " if simulation else ""
    foot = {LEAVE: leave} if leave else {}
    below = (f"{typography(label)} : {link}" for label, link in {**links, **foot}.items())
    title = typography(subject)
    return Mail(
        subject=f"{mark}{title}",
        text=typography("\n\n".join([*said, *below, *([MADE_UP_TEXT] if simulation else [])])),
        html=letter(title, said, links, foot=foot, simulation=simulation),
        leave=leave,
    )
