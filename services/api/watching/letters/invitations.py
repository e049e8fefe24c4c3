"""The mail that asks an address whether it wants to be told: a link to a button, nothing more."""

from collections.abc import Callable

from contracts.watches import Watched
from services.api.store import Mail
from services.api.watching.letters.mails import leaving, mail, paragraphs

CONFIRM_PAGE = "/veilles/confirmer/{token}"


def invitation(portal_url: str, *, simulation: bool) -> Callable[[Watched, str, str], Mail | None]:
    """Return what makes the mail from a watch, an address and its secret."""

    def write(watch: Watched, address: str, token: str) -> Mail | None:
        link = portal_url.rstrip("/") + CONFIRM_PAGE.format(token=token)
        sentences = (
            f"On vous propose de recevoir les alertes de la veille « {watch.name} ».",
            f"Sa finalité : {watch.purpose}",
            (
                "Rien ne vous sera envoyé sans votre accord. Le lien vaut 14 jours ; si vous n’y "
                "êtes pour rien, ne faites rien."
            ),
        )
        return mail(
            f"Recevoir la veille « {watch.name} » ?",
            (*sentences, f"Accepter ou refuser : {link}"),
            paragraphs(sentences, {"Ouvrir la page où accepter": link}),
            leaving(portal_url, watch, address),
            simulation=simulation,
        )

    return write
