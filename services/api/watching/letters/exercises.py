"""The mail of an exercise: goes the way of an alert, is answered as one, and says what it is."""

from collections.abc import Callable
from datetime import datetime

from contracts.watches import Watched
from libs.french import clock_time
from services.api.store import Mail
from services.api.watching.letters.mails import about

EXERCISE_SEEN_PAGE = "/veilles/{watch}/essai/vu"


def exercise(portal_url: str, now: datetime, *, simulation: bool) -> Callable[[Watched, str], Mail]:
    """Return what makes the mail for an address of a watch, as it is asked for now (UTC)."""
    asked = clock_time(now)

    def write(watch: Watched, address: str) -> Mail:
        sentences = (
            f"EXERCICE : ceci est un message d’essai, demandé à {asked}. Il ne s’est rien passé.",
            "Appuyez sur « J’ai vu », comme pour une vraie : les autres destinataires le sauront.",
            f"Une alerte de la veille « {watch.name} » arrivera par le même chemin.",
            f"Finalité de cette veille : {watch.purpose}",
        )
        subject = f"EXERCICE · {watch.name}"
        seen = portal_url.rstrip("/") + EXERCISE_SEEN_PAGE.format(watch=watch.watch)
        links = {"J’ai vu": f"{seen}?destinataire={watch.recipient_name(address)}"}
        return about(portal_url, watch, address, subject, sentences, links, simulation=simulation)

    return write
