"""The networks: one entry says what a network publishes, allows, costs and weighs.

Sources: the networks' own documentation, as quoted in each entry; what we chose is said so.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from contracts.accounts import AccountCounter
from contracts.event import AbsenceReason
from contracts.posts import PostCounter

AccessRoute = Literal["open", "key", "paid", "reviewed", "owner"]

Redistribution = Literal["counters", "scores", "none"]
"""What may leave in bulk: raw counters, only our scores and aggregates, or nothing."""

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `requests` per `seconds`, for each `per` (credential, host, or all of us).

    `operations` are those that it pays for (empty: all of the network's).
    """

    requests: int
    seconds: int
    per: Literal["all", "credential", "host"]
    source: str
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what we show may be, in seconds; readings are ages of a post."""

    profile: int = DAY
    posts: int = 6 * HOUR
    stream: int | None = None
    readings: tuple[int, ...] = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 28 * DAY)


@dataclass(frozen=True, slots=True)
class Network:
    """A network; counters that it never publishes are null `not_published`.

    `interactions` are summed, and one that is null takes the post out of the mean;
    `interactions_if_given` count where present (definitions, "What is counted"). `retention_days`
    is how long others' data may be kept (None: no limit). `use_in_france` weighs the synthetic
    score (percent of internet users, our choice of source in docs/methodology.md).

    `profiles_per_request` is 0 where the answer to a reading of posts carries the profile;
    `posts_per_request` is 0 where known posts are read again on the account's pages.
    `confirms_one_by_one`: a post that was missing is asked for by itself.
    `subjects_cost`: each account of a batched call counts as one call. `not_seen` says in French
    what a third party does not see, for the documentation.
    """

    slug: str
    name: str
    route: AccessRoute
    account_counters: tuple[AccountCounter, ...]
    post_counters: tuple[PostCounter, ...]
    interactions: tuple[PostCounter, ...]
    interactions_if_given: tuple[PostCounter, ...] = ()
    scored: bool = True
    observed: bool = True
    derived_metrics: bool = True
    redistribution: Redistribution = "counters"
    retention_days: int | None = None
    quotas: dict[str, Quota] = field(default_factory=dict[str, Quota])
    freshness: Freshness = Freshness()
    profiles_per_request: int = 1
    posts_per_request: int = 1
    page_size: int = 1
    mentions: Literal["stream", "feed", "none"] = "none"
    subjects_cost: bool = False
    posts_need_native_id: bool = False
    batches_need_native_id: bool = False
    confirms_one_by_one: bool = False
    use_in_france: Decimal = Decimal(0)
    address: str = ""
    terms: str = ""
    not_seen: str = ""
    source: str = ""

    def absent_account_counters(self) -> dict[AccountCounter, AbsenceReason]:
        """Return the reason of every account counter that the network never publishes."""
        counters: tuple[AccountCounter, ...] = ("followers", "following", "posts", "likes", "views")
        return {name: "not_published" for name in counters if name not in self.account_counters}

    def absent_post_counters(self) -> dict[PostCounter, AbsenceReason]:
        """Return the reason of every post counter that the network never publishes."""
        counters: tuple[PostCounter, ...] = ("likes", "comments", "shares", "quotes", "views")
        return {name: "not_published" for name in counters if name not in self.post_counters}


INSTAGRAM = Network(
    slug="instagram",
    name="Instagram",
    route="key",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments"),
    interactions=("likes", "comments"),
    redistribution="scores",
    quotas={
        "graph": Quota(200, HOUR, "credential", "Graph API platform limits: 200 calls per hour")
    },
    profiles_per_request=0,
    posts_per_request=0,
    page_size=25,
    use_in_france=Decimal("54"),
    address="https://www.instagram.com/{handle}/",
    terms="Conditions de Meta : l’affichage est permis, la rediffusion en masse non.",
    not_seen="comptes personnels ; partages, enregistrements, portée ; stories ; mentions j’aime "
    "masquées par le compte",
    source="Business Discovery, Graph API v25.0",
)
FACEBOOK = Network(
    slug="facebook",
    name="Facebook",
    route="reviewed",
    account_counters=("followers", "likes"),
    post_counters=("likes", "comments", "shares"),
    interactions=("likes", "comments", "shares"),
    redistribution="scores",
    quotas={
        "graph": Quota(200, HOUR, "credential", "Graph API platform limits: 200 calls per hour")
    },
    profiles_per_request=50,
    posts_per_request=50,
    page_size=25,
    subjects_cost=True,
    posts_need_native_id=True,
    batches_need_native_id=True,
    confirms_one_by_one=True,
    use_in_france=Decimal("63"),
    address="https://www.facebook.com/{handle}",
    terms="Page Public Content Access : analyse et affichage permis, pas de rediffusion en masse.",
    not_seen="profils personnels et groupes ; vues et portée ; tout, tant que l’accès public aux "
    "pages n’est pas accordé par Meta",
    source="Pages, Graph API v25.0 (Page Public Content Access)",
)
YOUTUBE = Network(
    slug="youtube",
    name="YouTube",
    route="key",
    account_counters=("followers", "posts", "views"),
    post_counters=("likes", "comments", "views"),
    interactions=("likes", "comments"),
    scored=False,
    derived_metrics=False,
    redistribution="none",
    retention_days=30,
    quotas={
        "data": Quota(
            10_000,
            DAY,
            "credential",
            "YouTube Data API: 10 000 units a day",
            ("profile", "readings", "uploads"),
        ),
        "feed": Quota(5, 1, "host", "unpublished: the pace we allow ourselves", ("posts",)),
    },
    profiles_per_request=50,
    posts_per_request=50,
    page_size=50,
    posts_need_native_id=True,
    batches_need_native_id=True,
    use_in_france=Decimal("66"),
    address="https://www.youtube.com/channel/{native_id}",
    terms="Règles III.E.4 : ni score, ni total mêlé à d’autres réseaux, 30 jours au plus.",
    not_seen="nombre exact d’abonnés (arrondi à trois chiffres, ou masqué) ; partages ; comptes "
    "suivis ; commentaires fermés",
    source="Data API v3, et le flux public de la chaîne",
)
BLUESKY = Network(
    slug="bluesky",
    name="Bluesky",
    route="open",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "shares", "quotes"),
    interactions=("likes", "shares", "quotes", "comments"),
    quotas={"appview": Quota(10, 1, "all", "unpublished: the pace we allow ourselves")},
    freshness=Freshness(stream=10),
    profiles_per_request=25,
    posts_per_request=25,
    page_size=100,
    mentions="stream",
    use_in_france=Decimal("4"),
    address="https://bsky.app/profile/{handle}",
    terms="Public par protocole ; l’étiquette « !no-unauthenticated » interdit l’affichage.",
    not_seen="nombre de vues ; textes des comptes qui demandent à n’être montrés qu’aux membres",
    source="AppView public, Jetstream",
)
MASTODON = Network(
    slug="mastodon",
    name="Mastodon",
    route="open",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "shares", "quotes"),
    interactions=("likes", "shares", "comments"),
    interactions_if_given=("quotes",),
    quotas={
        "instance": Quota(300, 300, "host", "Mastodon: 300 requests per 5 min per IP"),
        "pace": Quota(1, 1, "host", "politeness: one request a second per host"),
    },
    posts_per_request=0,
    page_size=40,
    posts_need_native_id=True,
    confirms_one_by_one=True,
    use_in_france=Decimal("2"),
    address="https://{host}/@{user}",
    terms="Chaque instance a ses règles ; communication publique des collectivités.",
    not_seen="nombre de vues ; instances qui refusent la lecture anonyme",
    source="API de l’instance du compte",
)
RSS = Network(
    slug="rss",
    name="Flux RSS",
    route="open",
    account_counters=(),
    post_counters=(),
    interactions=(),
    scored=False,
    quotas={"host": Quota(1, 1, "host", "politeness: one request a second per host")},
    freshness=Freshness(profile=DAY, posts=6 * HOUR, readings=()),
    mentions="feed",
    address="{handle}",
    profiles_per_request=0,
    posts_per_request=0,
    terms="Publié pour être lu : titres et liens.",
    not_seen="aucun compteur ; ce qui est sorti de la fenêtre du flux avant notre passage",
    source="RSS 0.91 à 2.0, RSS 1.0, Atom",
)

NETWORKS: tuple[Network, ...] = (FACEBOOK, INSTAGRAM, YOUTUBE, MASTODON, BLUESKY, RSS)

BY_SLUG: dict[str, Network] = {network.slug: network for network in NETWORKS}

SCORED: tuple[str, ...] = tuple(network.slug for network in NETWORKS if network.scored)


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
    "counters": "compteurs et scores",
    "scores": "scores et agrégats seulement",
    "none": "rien en masse",
}
_MENTIONS: dict[Literal["stream", "feed", "none"], str] = {
    "stream": "en direct",
    "feed": "par flux",
    "none": "non",
}


def networks_table() -> str:
    """Return the page of the documentation that says, in French, what is seen of each network."""
    head = (
        "réseau", "accès", "compte", "publication", "mentions", "fraîcheur", "quota", "classé",
        "rediffusion", "ce que nous ne voyons pas", "source",
    )  # fmt: skip
    rows = [head, tuple("---" for _ in head), *(_row(network) for network in NETWORKS)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        "# Les réseaux observés\n\n"
        "Écrit par `make contracts` d’après `contracts/networks.py`.\n\n"
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
        _REDISTRIBUTION[network.redistribution]
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
    lapse = {1: "s", 300: "5 min", HOUR: "h", DAY: "jour"}[quota.seconds]
    return f"{quota.requests:,} par {lapse} {per}".replace(",", "\u202f")
