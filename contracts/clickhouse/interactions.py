"""Public interactions of a post in SQL, by network: written once, from `contracts/networks/`."""

from collections.abc import Mapping, Sequence

from contracts.networks import NETWORKS
from contracts.posts import PostCounter

MACRO = "{interactions}"
"""What a view's file writes where this expression is due."""

LARGEST_COUNT = 9_000_000_000
"""Counts above it count as it (docs/methodology.md, section 6)."""


Sums = Mapping[str, tuple[Sequence[PostCounter], Sequence[PostCounter]]]
"""By network, the counters that it must give, and those that are added where they are known."""

TODAY: Sums = {
    network.slug: (network.interactions, network.interactions_if_given)
    for network in NETWORKS
    if network.scored and network.derived_metrics
}
"""What pages sum; a month sums what its methodology says. None where terms forbid it."""


def interactions(sums: Sums = TODAY) -> str:
    """Return the sum of a row's counters, null where one that the network must give is null.

    Reads `network` and the counters of a post.
    """
    cases = (f"network = '{slug}', {capped(_sum(*of))}" for slug, of in sums.items())
    return f"multiIf({', '.join(cases)}, NULL)"


def _sum(required: Sequence[PostCounter], if_given: Sequence[PostCounter]) -> str:
    given = [capped(f"ifNull({counter}, 0)") for counter in if_given]
    return " + ".join([*map(capped, required), *given])


def capped(count: str) -> str:
    """Return a count that stays null when it is null: ClickHouse's `least` leaves nulls out."""
    return f"if(({count}) > {LARGEST_COUNT}, {LARGEST_COUNT}, {count})"
