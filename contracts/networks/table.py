"""What is seen of each network, in French: for the documentation and for the portal."""

from contracts.accounts import AccountCounter
from contracts.networks import DAY, HOUR, KNOWN, NETWORKS, Freshness, Network, Quota, Redistribution
from contracts.networks.network import BUDGET, AccessRoute, Mentions
from contracts.posts import PostCounter

_ROUTES: dict[AccessRoute, str] = {
    "open": "ouvert, sans clé",
    "key": "clé ou compte de l’observatoire",
    "paid": "payant",
    "reviewed": "après examen de l’application",
    "owner": "avec l’accord du titulaire",
}
ACCOUNT_COUNTER_LABELS: dict[AccountCounter, str] = {
    "followers": "abonnés",
    "following": "abonnements",
    "posts": "publications",
    "likes": "mentions j’aime de la page",
    "views": "vues",
}
POST_COUNTER_LABELS: dict[PostCounter, str] = {
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
_MENTIONS: dict[Mentions, str] = {
    "stream": "en direct",
    "feed": "par flux",
    "search": "par recherche",
    "none": "non",
}


COLUMNS = (
    "accès", "compte", "publication", "mentions", "fraîcheur", "quota", "classé", "rediffusion",
    "hôtes à ouvrir", "ce que nous ne voyons pas", "source",
)  # fmt: skip


def networks_table() -> str:
    """Return the page of the documentation, in Markdown."""
    head = ("réseau", *COLUMNS)
    rows = [head, tuple("---" for _ in head)]
    rows += [(f"**{network.name}**", *told(network)) for network in NETWORKS]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        "# Les réseaux observés\n\n"
        "Écrit par `make contracts` d’après `contracts/networks/`.\n\n"
        "Un compteur qu’un réseau ne publie pas, que son titulaire masque, qui ne nous est pas "
        "permis ou que nous n’avons pas demandé est absent, avec sa raison : ce n’est jamais un "
        "zéro.\n\n"
        f"{table}\n\n"
        "Notés sans être lus (nous savons qui y est, et rien de plus), et pourquoi\u00a0:\n\n"
        + "".join(f"- **{name}**\u00a0: {why}.\n" for name, why in noted())
    )


def noted() -> tuple[tuple[str, str], ...]:
    """Return the networks of which only presence is noted, each with why it is not read."""
    return tuple((one.name, _why(one)) for one in KNOWN if not one.observed)


def _why(network: Network) -> str:
    """Return what is not seen of a network, and how it would be."""
    access = f" ; accès {_ROUTES[network.route]}" if network.route != "open" else ""
    said = f" ({network.source})" if network.source else ""
    return f"{network.not_seen}{access}{said}"


def told(network: Network) -> tuple[str, ...]:
    """Return what is said of a network, in the order of `COLUMNS`."""
    return (
        _ROUTES[network.route],
        ", ".join(ACCOUNT_COUNTER_LABELS[name] for name in network.account_counters) or "–",
        ", ".join(POST_COUNTER_LABELS[name] for name in network.post_counters) or "–",
        _MENTIONS[network.mentions],
        _fresh(network.freshness),
        allowed(network),
        "oui" if network.scored else "non",
        _REDISTRIBUTION[network.redistribution].format(" et scores" if network.scored else "")
        + (f", gardé {network.retention_days} jours" if network.retention_days else ""),
        ", ".join(network.hosts) or "ceux des comptes",
        network.not_seen,
        network.source,
    )


def _fresh(freshness: Freshness) -> str:
    posts = f"{freshness.stream}\u00a0s" if freshness.stream else _age(freshness.posts)
    return f"compte {_age(freshness.profile)}, publications {posts}"


def _age(seconds: int) -> str:
    days = seconds // DAY
    return f"{days}\u00a0jours" if days > 1 else f"{seconds // HOUR}\u00a0h"


def allowed(network: Network) -> str:
    """Return the quotas of a network in French, and what the paid one comes to."""
    said = " ; ".join(spoken(quota) for quota in network.quotas.values())
    if not network.unit_price:
        return said
    euros = f"{network.quotas[BUDGET].requests * network.unit_price:g}".replace(".", ",")
    return f"{said} (unités payées, soit {euros}\u00a0€, à régler)"


def spoken(quota: Quota) -> str:
    """Return a quota in French: « 200 par h par clé »."""
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
