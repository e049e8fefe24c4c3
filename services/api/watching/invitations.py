"""The mail that asks an address whether it wants to be told: a link to a button, nothing more."""

from collections.abc import Callable
from html import escape

from contracts.watches import UNSUBSCRIBE_PAGE, Watched
from services.api.store import Mail
from services.api.words.french import typography

STYLE = "max-width:36rem;padding:1rem;font:16px/1.5 system-ui,sans-serif"
"""How the short mails of the portal look."""

CONFIRM_PAGE = "/veilles/confirmer/{token}"


def invitation(portal_url: str, *, simulation: bool) -> Callable[[Watched, str, str], Mail | None]:
    """Return what makes the mail from a watch, an address and its secret."""
    mark = "[SIMULATION] " if simulation else ""
    base = portal_url.rstrip("/")

    def write(watch: Watched, address: str, token: str) -> Mail | None:
        link = base + CONFIRM_PAGE.format(token=token)
        leave = base + UNSUBSCRIBE_PAGE.format(watch=watch.watch)
        leave += f"?destinataire={watch.recipient_name(address)}"
        sentences = (
            f"On vous propose de recevoir les alertes de la veille « {watch.name} ».",
            f"Sa finalité : {watch.purpose}",
            (
                "Rien ne vous sera envoyé sans votre accord. Le lien vaut 14 jours ; si vous n’y "
                "êtes pour rien, ne faites rien."
            ),
        )
        text = "\n\n".join((*sentences, f"Accepter ou refuser : {link}"))
        paragraphs = "".join(f"<p>{escape(typography(one))}</p>" for one in sentences)
        button = f'<p><a href="{escape(link)}">Ouvrir la page où accepter</a></p>'
        return Mail(
            subject=typography(f"{mark}Recevoir la veille « {watch.name} » ?"),
            text=typography(text),
            html=f'<div lang="fr" style="{STYLE}">{paragraphs}{button}</div>',
            leave=leave,
        )

    return write
