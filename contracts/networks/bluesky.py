"""Bluesky: what it publishes, allows and costs, and the addresses of its accounts."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Freshness, Network, Quota

FORMS = Forms(
    ("bsky.app",),
    (
        HOME,
        form(r"intent(/.*)?", Refusal.SHARE_BUTTON),
        form(r"(?P<author>profile/[^/]+)/post(/.*)?", Refusal.POST),
        form(r"profile/[^/]+/(feed|lists|follows|followers)(/.*)?", Refusal.NOT_AN_ACCOUNT),
        form(
            r"profile/(?P<id>did:(plc:[a-z2-7]{24}|web:[a-z\d.\-]{3,253}))(/rss)?",
            Account("https://bsky.app/profile/{id}", native_id="{id}"),
        ),
        form(
            r"profile/@?(?P<handle>[^/]+\.[^/]+)(/rss)?",
            Account("https://bsky.app/profile/{handle}", "{handle}", hosted=True),
        ),
    ),
    bare="https://bsky.app/profile/{}",
    shorteners=("go.bsky.app",),
    labels=("bluesky", "bsky"),
    scheme="did:",
    suffix=".bsky.social",
)

NETWORK = Network(
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
    address="https://bsky.app/profile/{handle}",
    terms="Public par protocole ; l’étiquette « !no-unauthenticated » interdit l’affichage.",
    not_seen="nombre de vues ; textes des comptes qui demandent à n’être montrés qu’aux membres",
    source="AppView public, Jetstream",
    hosts=("public.api.bsky.app", "jetstream2.us-east.bsky.network"),
    wikidata={"P12361": "https://bsky.app/profile/{}"},
    forms=FORMS,
)
