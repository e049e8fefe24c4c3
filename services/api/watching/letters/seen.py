"""« J’ai vu »: who said it, told to the other recipients; nobody else gets up for it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.watches import SEEN_FOR, SEEN_GROWTH, Watched
from libs.deciding.hours import zone_of
from libs.french import clock_time
from services.api.store import Mail
from services.api.watching.letters.mails import about
from services.api.watching.recipients import address_named, shown

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

    def write(watch: Watched, address: str) -> Mail:
        zone = zone_of(watch)
        sentences = (
            f"« {title} » : vu à {clock_time(at, zone)} par {who}.",
            f"Plus de rappel {until_words(at, zone)}.",
        )
        return about(portal_url, watch, address, f"Vu · {title}", sentences, simulation=simulation)

    return write


def exercise_seen(
    portal_url: str, who: str, at: datetime, *, simulation: bool
) -> Callable[[Watched, str], Mail]:
    """Return what makes the mail to another recipient: who has answered an exercise."""

    def write(watch: Watched, address: str) -> Mail:
        seen = f"EXERCICE : vu à {clock_time(at, zone_of(watch))} par {who}."
        subject = f"EXERCICE · Vu · {watch.name}"
        sentences = (seen, "Il ne s’est rien passé ; la chaîne d’alerte répond.")
        return about(portal_url, watch, address, subject, sentences, simulation=simulation)

    return write
