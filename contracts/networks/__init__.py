"""The networks: one file says what each publishes, allows and costs, and where its accounts are.

A line in `KNOWN` is all that it takes to be known by every service.
"""

from contracts.networks import (
    bluesky,
    dailymotion,
    facebook,
    flickr,
    instagram,
    intramuros,
    linkedin,
    mastodon,
    panneaupocket,
    peertube,
    pinterest,
    rss,
    snapchat,
    telegram,
    threads,
    tiktok,
    vimeo,
    whatsapp,
    x,
    youtube,
)
from contracts.networks.forms import Refusal
from contracts.networks.network import DAY, HOUR, Freshness, Network, Quota, Redistribution

__all__ = [
    "BY_SLUG",
    "DAY",
    "HOUR",
    "KNOWN",
    "NETWORKS",
    "SCORED",
    "Freshness",
    "Network",
    "Quota",
    "Redistribution",
    "Refusal",
    "network_of",
]

KNOWN: tuple[Network, ...] = (
    facebook.NETWORK,
    instagram.NETWORK,
    youtube.NETWORK,
    bluesky.NETWORK,
    mastodon.NETWORK,
    peertube.NETWORK,
    rss.NETWORK,
    x.NETWORK,
    linkedin.NETWORK,
    tiktok.NETWORK,
    threads.NETWORK,
    snapchat.NETWORK,
    pinterest.NETWORK,
    flickr.NETWORK,
    vimeo.NETWORK,
    dailymotion.NETWORK,
    telegram.NETWORK,
    whatsapp.NETWORK,
    panneaupocket.NETWORK,
    intramuros.NETWORK,
)
"""All networks, in the order in which pages show them; observed ones and mere names."""

NETWORKS: tuple[Network, ...] = tuple(network for network in KNOWN if network.observed)

BY_SLUG: dict[str, Network] = {network.slug: network for network in NETWORKS}

SCORED: tuple[str, ...] = tuple(network.slug for network in NETWORKS if network.scored)

_KNOWN = {network.slug: network for network in KNOWN}


def network_of(slug: str) -> Network:
    """Return a network by its slug; one that nobody knows is a name, and not observed.

    (Of a newer version, in a topic or a table: its terms are not known here, so nothing leaves.)
    """
    return _KNOWN.get(slug) or Network(
        slug, slug, observed=False, scored=False, derived_metrics=False, redistribution="none"
    )
