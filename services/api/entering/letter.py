"""Mails about entering: the link that lets an agent in, an invitation to a territory's team.

A link leads to a button, since mail scanners follow links; an invitation has none of its own: who
is invited asks for a link as everybody does, which shows that the address is theirs.
"""

from urllib.parse import urlencode

from services.api.store import Mail
from services.api.store.agents.sessions import LINK_VALID
from services.api.watching.letters.mails import mail

LINK_PAGE = "/entrer/lien/{token}"
VALID = f"{int(LINK_VALID.total_seconds() // 60)} minutes"
"""How long a link opens something, in words."""


def letter(portal_url: str, token: str, onward: str, *, simulation: bool) -> Mail:
    """Return the mail; `onward` is the page of ours that was asked for before ("": none)."""
    link = portal_url.rstrip("/") + LINK_PAGE.format(token=token)
    if onward:
        link += f"?{urlencode({'vers': onward})}"
    sentences = (
        "Quelqu’un, sans doute vous, demande à entrer dans l’Observatoire avec cette adresse.",
        (
            f"Le lien vaut {VALID}, une seule fois, et seulement dans le navigateur où "
            "il a été demandé : le transférer n’ouvre rien à personne."
        ),
        "Si vous n’y êtes pour rien, ne faites rien.",
    )
    return mail(
        "Votre lien pour entrer dans l’Observatoire",
        sentences,
        {"Entrer dans l’Observatoire": link},
        simulation=simulation,
    )


def invitation(portal_url: str, by: str, place: str, role: str, *, simulation: bool) -> Mail:
    """Return the mail to somebody who was given a role (in words) for a place, by whom."""
    link = f"{portal_url.rstrip('/')}/entrer"
    sentences = (
        f"{by} vous donne accès à {place} dans l’Observatoire, avec le rôle « {role} ».",
        "Pour entrer, demandez un lien avec cette adresse-ci : aucun mot de passe, aucun compte.",
        "Si vous n’y êtes pour rien, ne faites rien : sans vous, cet accès n’ouvre rien.",
    )
    return mail(
        f"Rejoindre {place} dans l’Observatoire",
        sentences,
        {"Entrer dans l’Observatoire": link},
        simulation=simulation,
    )
