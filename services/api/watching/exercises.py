"""The mail of an exercise: goes the way of an alert, and cannot be taken for one."""

from collections.abc import Callable
from datetime import datetime
from html import escape

from contracts.watches import UNSUBSCRIBE_PAGE, WATCH_PAGE, Watched
from services.api.store import Mail
from services.api.watching.invitations import STYLE
from services.api.words.french import clock_time, typography


def exercise(portal_url: str, now: datetime, *, simulation: bool) -> Callable[[Watched, str], Mail]:
    """Return what makes the mail for an address of a watch, as it is asked for now (UTC)."""
    mark = "[SIMULATION] " if simulation else ""
    base = portal_url.rstrip("/")
    asked = clock_time(now)

    def write(watch: Watched, address: str) -> Mail:
        page = base + WATCH_PAGE.format(watch=watch.watch)
        leave = base + UNSUBSCRIBE_PAGE.format(watch=watch.watch)
        leave += f"?destinataire={watch.recipient_name(address)}"
        sentences = (
            f"EXERCICE : ceci est un message d’essai, demandé à {asked}. Il ne s’est rien passé.",
            f"Une alerte de la veille « {watch.name} » arrivera par le même chemin.",
            f"Finalité de cette veille : {watch.purpose}",
        )
        links = (("Voir la veille", page), ("Ne plus recevoir ces messages", leave))
        text = "\n\n".join((*sentences, *(f"{label} : {link}" for label, link in links)))
        paragraphs = "".join(f"<p>{escape(typography(one))}</p>" for one in sentences)
        below = "".join(f'<p><a href="{escape(link)}">{label}</a></p>' for label, link in links)
        return Mail(
            subject=typography(f"{mark}EXERCICE · {watch.name}"),
            text=typography(text),
            html=f'<div lang="fr" style="{STYLE}">{paragraphs}{below}</div>',
            leave=leave,
        )

    return write
