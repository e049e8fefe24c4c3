"""« Ce compte est-il officiel ? »: what the registry says of an address, and by what proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.accounts import AccountState
from services.api.store.registry.claims import History, SeenProof, Source

Verdict = Literal[
    "yes", "not_verified", "closed", "refused", "impostor", "resembles", "unknown", "not_an_account"
]

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    "yes": ("Oui", "ce compte est celui d’une collectivité, et quelqu’un l’a vérifié."),
    "not_verified": (
        "Pas encore vérifié",
        "une source publique le donne pour celui d’une collectivité, et personne ne l’a vérifié.",
    ),
    "closed": ("Plus aujourd’hui", "ce compte était celui d’une collectivité ; il est fermé."),
    "refused": ("Non", "ce compte a été examiné, et n’est celui d’aucune collectivité."),
    "impostor": (
        "Non : c’est une usurpation",
        (
            "ce compte se fait passer pour une collectivité ; l’observatoire l’a examiné. Ne lui "
            "répondez pas, ne suivez pas ses liens, et signalez-le au réseau. Vous êtes la "
            "collectivité ? Portez-le à votre direction : l’usurpation d’identité est un délit."
        ),
    ),
    "resembles": (
        "Méfiez-vous",
        (
            "aucune source ne donne ce compte pour officiel, et son nom ressemble à celui d’un "
            "compte officiel."
        ),
    ),
    "unknown": (
        "Nous ne savons pas",
        (
            "aucune de nos sources ne nomme ce compte. Il peut être officiel et manquer ici : "
            "« non trouvé » ne veut pas dire « faux »."
        ),
    ),
    "not_an_account": ("Ce n’est pas l’adresse d’un compte", ""),
}
"""The answer in a word, and what it means."""

_BY_STATE: Mapping[AccountState, Verdict] = {
    "verified": "yes", "candidate": "not_verified", "closed": "closed", "refused": "refused",
}  # fmt: skip

SOURCES: Mapping[Source, str] = {
    "annuaire": "l’annuaire de l’administration (Service-Public.gouv.fr / DILA)",
    "wikidata": "Wikidata",
    "site": "le site de la collectivité",
    "claim": "la demande d’un agent de la collectivité",
    "file": "une liste importée par l’observatoire",
    "team": "l’équipe de l’observatoire",
    "webfinger": "le domaine de la collectivité, qui répond de ce compte (WebFinger)",
    "registry": "le registre d’un autre observatoire",
    "likeness": "la ressemblance des noms",
    "other": "une autre source",
}


@dataclass(frozen=True, slots=True)
class Official:
    """The answer: its verdict, the account where one is known, whose it is, and who says so.

    `territories` are codes; a refused account, or a person's, names nobody. An impostor names whom
    it imitates, as does an account that `resembles` an official one, by its address.
    """

    verdict: Verdict
    network: str | None = None
    address: str | None = None
    territories: tuple[str, ...] = ()
    proofs: tuple[SeenProof, ...] = ()
    imitates: tuple[str, ...] = ()
    resembles: str | None = None

    @property
    def seen_at(self) -> datetime | None:
        """Return when a source last said it (UTC)."""
        return max((proof.last_seen_at for proof in self.proofs), default=None)

    @property
    def sources(self) -> Sequence[str]:
        """Return who says it, in French, once each."""
        return list(dict.fromkeys(SOURCES[proof.source] for proof in self.proofs))


def official(history: History | None) -> Official:
    """Return what the registry says of an account; a person's own is nobody's business here."""
    if history is None or history.account.owner_kind != "collectivité":
        return Official("unknown")
    account = history.account
    if history.impostor:
        return Official("impostor", account.network, account.address, imitates=history.imitated)
    if history.suspected and account.state == "candidate":
        return Official("unknown")
    known = Official(_BY_STATE[account.state], account.network, account.address)
    if account.state == "refused":
        return known
    owners = [one for one in account.owners if one.until is None or account.state == "closed"]
    if not owners:
        return Official("unknown")
    owners.sort(key=lambda one: not one.home)
    territories = tuple(one.territory for one in owners)
    proofs = tuple(
        one for one in history.proofs if one.territory in territories and one.source != "likeness"
    )
    return Official(known.verdict, known.network, known.address, territories, proofs)
