"""The page of the documentation that says, in French, what is seen of each network."""

from typing import Literal

from contracts.accounts import AccountCounter
from contracts.networks import DAY, HOUR, NETWORKS, Freshness, Network, Quota, Redistribution
from contracts.networks.network import AccessRoute
from contracts.posts import PostCounter

_ROUTES: dict[AccessRoute, str] = {
    "open": "ouvert, sans clé",
    "key": "clé ou compte de l’observatoire",
    "paid": "payant",
    "reviewed": "après examen de l’application",
    "owner": "avec l’accord du titulaire",
}
_ACCOUNT_WORDS: dict[AccountCounter, str] = {
    "followers": "abonnés",
    "following": "abonnements",
    "posts": "publications",
    "likes": "mentions j’aime de la page",
    "views": "vues",
}
_POST_WORDS: dict[PostCounter, str] = {
    "likes": "réactions",
    "comments": "commentaires",
    "shares": "partages",
    "quotes": "citations",
    "views": "vues",
}
_REDISTRIBUTION: dict[Redistribution, str] = {
    "counters": "compteurs{}",
    "scores": "scores et agrégats seulement",
    "none": "rien en masse",
}
_MENTIONS: dict[Literal["stream", "feed", "none"], str] = {
    "stream": "en direct",
    "feed": "par flux",
    "none": "non",
}


def networks_table() -> str:
    """Return the page, in Markdown."""
    head = (
        "réseau", "accès", "compte", "publication", "mentions", "fraîcheur", "quota", "classé",
        "rediffusion", "ce que nous ne voyons pas", "source",
    )  # fmt: skip
    rows = [head, tuple("---" for _ in head), *(_row(network) for network in NETWORKS)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        "# Les réseaux observés\n\n"
        "Écrit par `make contracts` d’après `contracts/networks/`.\n\n"
        "Un compteur qu’un réseau ne publie pas, que son titulaire masque, qui ne nous est pas "
        "permis ou que nous n’avons pas demandé est absent, avec sa raison : ce n’est jamais un "
        "zéro.\n\n"
        f"{table}\n"
    )


def _row(network: Network) -> tuple[str, ...]:
    return (
        f"**{network.name}**",
        _ROUTES[network.route],
        ", ".join(_ACCOUNT_WORDS[name] for name in network.account_counters) or "–",
        ", ".join(_POST_WORDS[name] for name in network.post_counters) or "–",
        _MENTIONS[network.mentions],
        _fresh(network.freshness),
        " ; ".join(_spoken(quota) for quota in network.quotas.values()),
        "oui" if network.scored else "non",
        _REDISTRIBUTION[network.redistribution].format(" et scores" if network.scored else "")
        + (f", gardé {network.retention_days} jours" if network.retention_days else ""),
        network.not_seen,
        network.source,
    )


def _fresh(freshness: Freshness) -> str:
    posts = (
        f"publications {freshness.stream} s"
        if freshness.stream
        else f"publications {freshness.posts // HOUR} h"
    )
    profile = f"compte {freshness.profile // HOUR} h"
    return f"{profile}, {posts}".replace(" s", "\u00a0s").replace(" h", "\u00a0h")


def _spoken(quota: Quota) -> str:
    per = {"all": "en tout", "credential": "par clé", "host": "par serveur"}[quota.per]
    return f"{quota.requests:,} par {lapse(quota.seconds)} {per}".replace(",", "\u202f")


def lapse(seconds: int) -> str:
    """Return a duration as French says it after « par »: « s », « 15 min », « 2 jours »."""
    units = ((DAY, "jour"), (HOUR, "h"), (60, "min"), (1, "s"))
    span, unit = next(one for one in units if seconds % one[0] == 0)
    count = seconds // span
    if count == 1:
        return unit
    return f"{count}\u00a0{unit}{'s' if span == DAY else ''}"
