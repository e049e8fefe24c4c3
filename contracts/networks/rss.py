"""Flux RSS: what it publishes, allows and costs, and the addresses of its accounts."""

from contracts.networks.forms import Forms
from contracts.networks.network import DAY, HOUR, Freshness, Network, Quota

NETWORK = Network(
    slug="rss",
    name="Flux RSS",
    route="open",
    scored=False,
    quotas={"host": Quota(1, 1, "host", "politeness: one request a second per host")},
    freshness=Freshness(profile=DAY, posts=6 * HOUR, readings=()),
    mentions="feed",
    address="{handle}",
    profiles_per_request=0,
    posts_per_request=0,
    terms="Publié pour être lu : titres et liens.",
    not_seen="aucun compteur ; ce qui est sorti de la fenêtre du flux avant notre passage",
    paced=True,
    forms=Forms(labels=("rss", "flux rss")),
    source="RSS 0.91 à 2.0, RSS 1.0, Atom",
    wikidata={"P1019": "{}"},
)
