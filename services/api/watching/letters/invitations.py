"""The mail that asks an address whether it wants to be told: a link to a button, nothing more."""

from collections.abc import Callable

from contracts.watches import Watched
from services.api.store import Mail
from services.api.watching.letters.mails import leaving, mail

CONFIRM_PAGE = "/veilles/confirmer/{token}"


def invitation(
    portal_url: str, place_of: Callable[[str], str], *, by: str | None = None, simulation: bool
) -> Callable[[Watched, str, str], Mail | None]:
    """Return what makes the mail from a watch, an address and its secret.

    `place_of` names a territory by its code, `by` is who invites (None: nobody signed in).
    """

    def write(watch: Watched, address: str, token: str) -> Mail | None:
        link = portal_url.rstrip("/") + CONFIRM_PAGE.format(token=token)
        who = by or "L’équipe de l’Observatoire"
        place = place_of(watch.territory)
        sentences = (
            f"{who} vous propose de recevoir les alertes de la veille « {watch.name} » ({place}).",
            f"Sa finalité : {watch.purpose}",
            (
                "Rien ne vous sera envoyé sans votre accord. Le lien vaut 14 jours ; si vous n’y "
                "êtes pour rien, ne faites rien."
            ),
        )
        return mail(
            f"Recevoir la veille « {watch.name} » ? · {place}",
            sentences,
            {"Accepter ou refuser": link},
            leaving(portal_url, watch, address),
            simulation=simulation,
        )

    return write
