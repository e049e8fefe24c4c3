"""How old what is shown of a network may be, in SQL: written once, from `contracts/networks/`."""

from contracts.networks import DAY, NETWORKS

MACRO = "{profile_target}"
"""What a view's file writes for the target of a row's `network`, in seconds."""


def profile_target() -> str:
    """Return the freshness that the counters of a network's accounts are to have."""
    targets = {one.slug: one.freshness.profile for one in NETWORKS}
    other = (f"network = '{slug}', {each}" for slug, each in targets.items() if each != DAY)
    return f"multiIf({', '.join(other)}, {DAY})"
