"""« J’ai vu »: who said it, told to the other recipients; nobody else gets up for it."""

from collections.abc import Callable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from contracts.watches import (
    SEEN_FOR,
    SEEN_GROWTH,
    UNSUBSCRIBE_PAGE,
    WATCH_PAGE,
    Watched,
)
from services.api.store import Mail
from services.api.watching.invitations import STYLE
from services.api.watching.recipients import address_named, shown
from services.api.words.french import clock_time, typography

AGENT = "agent"
"""Who has seen an alert from the watch's own page, where no recipient is named."""


def by_whom(watch: Watched, who: str, *, masked: bool) -> str:
    """Write who has seen an alert: an address of the watch, or somebody at its page."""
    address = address_named(watch, who)
    if address is not None:
        return shown(address, masked=masked)
    return "la page de la veille" if who == AGENT else "un ancien destinataire"


def until_words(at: datetime, zone: ZoneInfo) -> str:
    """Write what an acknowledgement stops: « jusqu’à 10 h 40, ou tant que leur nombre… »."""
    end = clock_time(at + SEEN_FOR, zone)
    return f"jusqu’à {end}, sauf si le nombre de textes est multiplié par {SEEN_GROWTH}"


def told_seen(
    portal_url: str, title: str, who: str, at: datetime, *, simulation: bool
) -> Callable[[Watched, str], Mail]:
    """Return what makes the mail to another recipient: who has seen the alert of this title."""
    mark = "[SIMULATION] " if simulation else ""
    base = portal_url.rstrip("/")

    def write(watch: Watched, address: str) -> Mail:
        zone = ZoneInfo(watch.timezone)
        page = base + WATCH_PAGE.format(watch=watch.watch)
        leave = base + UNSUBSCRIBE_PAGE.format(watch=watch.watch)
        leave += f"?destinataire={watch.recipient_name(address)}"
        sentences = (
            f"« {title} » : vu à {clock_time(at, zone)} par {who}.",
            f"Plus de rappel {until_words(at, zone)}.",
        )
        links = (("Voir la veille", page), ("Ne plus recevoir ces messages", leave))
        paragraphs = "".join(f"<p>{escape(typography(one))}</p>" for one in sentences)
        below = "".join(f'<p><a href="{escape(link)}">{label}</a></p>' for label, link in links)
        text = "\n\n".join((*sentences, *(f"{label} : {link}" for label, link in links)))
        return Mail(
            subject=typography(f"{mark}Vu · {title}"),
            text=typography(text),
            html=f'<div lang="fr" style="{STYLE}">{paragraphs}{below}</div>',
            leave=leave,
        )

    return write
