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
    """At most `requests` per `seconds`, for each `per` (credential, host, or all of us)."""

    requests: int
    seconds: int
    per: Literal["all", "credential", "host"]
    source: str


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
    use_in_france: Decimal = Decimal(0)
    address: str = ""
    terms: str = ""

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
    page_size=25,
    use_in_france=Decimal("54"),
    address="https://www.instagram.com/{handle}/",
    terms="Meta Platform Terms: display allowed, bulk redistribution not.",
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
    use_in_france=Decimal("63"),
    address="https://www.facebook.com/{handle}",
    terms="Page Public Content Access: analyse and display, bulk redistribution not.",
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
        "data": Quota(10_000, DAY, "credential", "YouTube Data API: 10 000 units a day"),
        "feed": Quota(4, HOUR, "host", "channel feed: max-age=900, our own pace per channel"),
    },
    profiles_per_request=50,
    posts_per_request=50,
    page_size=50,
    use_in_france=Decimal("66"),
    address="https://www.youtube.com/channel/{native_id}",
    terms="Developer policies III.E.4: no derived metrics, no mixed totals, 30 days.",
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
    terms="Public by protocol; the label !no-unauthenticated forbids display.",
)
MASTODON = Network(
    slug="mastodon",
    name="Mastodon",
    route="open",
    account_counters=("followers", "following", "posts"),
    post_counters=("likes", "comments", "shares", "quotes"),
    interactions=("likes", "shares", "comments"),
    interactions_if_given=("quotes",),
    quotas={"instance": Quota(300, 300, "host", "Mastodon: 300 requests per 5 min per IP")},
    page_size=40,
    mentions="feed",
    use_in_france=Decimal("2"),
    address="https://{host}/@{user}",
    terms="Each instance has its own rules; public communication of authorities.",
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
    terms="Published for reading; titles and links.",
)

NETWORKS: tuple[Network, ...] = (FACEBOOK, INSTAGRAM, YOUTUBE, MASTODON, BLUESKY, RSS)

BY_SLUG: dict[str, Network] = {network.slug: network for network in NETWORKS}

SCORED: tuple[str, ...] = tuple(network.slug for network in NETWORKS if network.scored)


def networks_table() -> str:
    """Return docs/networks.md: what each network publishes, allows and costs, in French."""
    lines = [
        "# Les réseaux observés",
        "",
        "Écrit par `make contracts` d’après `contracts/networks.py`.",
        "",
        (
            "| réseau | accès | compteurs du compte | compteurs d’une publication "
            "| score | rediffusion |"
        ),
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {network.name} | {_ROUTES[network.route]} | {_listed(network.account_counters)} "
        f"| {_listed(network.post_counters)} | {'oui' if network.scored else 'non'} "
        f"| {_LEAVING[network.redistribution]} |"
        for network in NETWORKS
    ]
    return "\n".join(lines) + "\n"


_ROUTES: dict[AccessRoute, str] = {
    "open": "libre",
    "key": "clé",
    "paid": "payant",
    "reviewed": "après examen",
    "owner": "accord du titulaire",
}
_LEAVING: dict[Redistribution, str] = {
    "counters": "compteurs bruts",
    "scores": "nos scores seulement",
    "none": "aucune",
}


def _listed(counters: tuple[str, ...]) -> str:
    return ", ".join(counters) or "–"
