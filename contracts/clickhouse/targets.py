"""How old what is shown of a network may be, and of whom, in SQL: from `contracts/networks/`."""

from contracts.networks import DAY, KNOWN, NETWORKS

MACRO = "{profile_target}"
"""What a view's file writes for the target of a row's `network`, in seconds."""

READ = "{network_read}"
"""What a view's file writes for whether accounts of a row's `network` are read as a matter of
course: of others only those that their owners connected are."""

LATELY_DAYS = 3
"""A connected account is asked for at least once in so many days, whatever comes of it."""

LATELY = "{lately_days}"


def profile_target() -> str:
    """Return the freshness that the counters of a network's accounts are to have."""
    targets = {one.slug: one.freshness.profile for one in NETWORKS}
    other = (f"network = '{slug}', {each}" for slug, each in targets.items() if each != DAY)
    return f"multiIf({', '.join(other)}, {DAY})"


PACED = "{paced_networks}"
"""What a view's file writes for the networks whose accounts are feeds."""


def paced_networks() -> str:
    """Return the networks whose accounts are feeds, as a list of SQL."""
    return f"({', '.join(repr(one.slug) for one in NETWORKS if one.paced)})"


def network_read() -> str:
    """Return whether a network's accounts are read, whoever owns them."""
    others = (one.slug for one in KNOWN if one.by_owner or not one.observed)
    return f"network NOT IN ({', '.join(repr(slug) for slug in others)})"
