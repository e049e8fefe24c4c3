"""Public interactions of a post in SQL, by network: written once, from `contracts/networks/`."""

from contracts.networks import NETWORKS, Network

MACRO = "{interactions}"
"""What a view's file writes where this expression is due."""

LARGEST = 9_000_000_000
"""Counts above it count as it (docs/methodology.md, section 6)."""


def interactions() -> str:
    """Return the sum of a row's counters, null where one that the network must give is null.

    Reads `network` and the counters of a post. Null too on networks whose terms forbid derived
    figures.
    """
    cases = ", ".join(
        f"network = '{network.slug}', {capped(_sum(network))}"
        for network in NETWORKS
        if network.scored and network.derived_metrics
    )
    return f"multiIf({cases}, NULL)"


def _sum(network: Network) -> str:
    required = [capped(counter) for counter in network.interactions]
    given = [capped(f"ifNull({counter}, 0)") for counter in network.interactions_if_given]
    return " + ".join(required + given)


def capped(count: str) -> str:
    """Return a count that stays null when it is null: ClickHouse's `least` leaves nulls out."""
    return f"if(({count}) > {LARGEST}, {LARGEST}, {count})"
