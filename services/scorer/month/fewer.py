"""A month that lost many accounts, or much of what was measured, is not put in place by itself.

An outage of collection leaves every account registered and nearly none ranked: what is compared
with the month before is both, of all networks and of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.networks import network_of
from libs.engine.client import Engine
from services.scorer.month.bareme_table import LONG_QUERY
from services.scorer.month.period import Month

LEAST_PERCENT = 80
"""Of the accounts of the month before, from which a month is put in place without a person."""

ACCOUNTS_FEW = 50
"""A month has at least this share of what the month before had, if that one had so many."""


class FewAccountsError(Exception):
    """Far fewer accounts than the month before: some of them were not read, or a person knows."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Accounts of a month, registered and ranked, and those ranked by network."""

    accounts: int
    ranked: int
    by_network: Mapping[str, int]


async def ranked_by_network(client: Engine, rows: str) -> dict[str, int]:
    """Return how many accounts are ranked on each network in `rows`, a table or a part of one."""
    found = await client.query(
        f"SELECT network, countIf(reason = '') FROM {rows} GROUP BY network {LONG_QUERY}"  # noqa: S608
    )
    return {str(network): int(ranked) for network, ranked in found.result_rows}


def check(month: Month, now: Counted, before: Counted) -> None:
    """Raise `FewAccountsError` when far fewer are registered or ranked than the month before.

    A network that is not in this month at all is one that the methodology scores no more.
    """
    counts = [("accounts", now.accounts, before.accounts), ("ranked", now.ranked, before.ranked)]
    for network, ranked in sorted(before.by_network.items()):
        if network in now.by_network:
            name = f"ranked on {network_of(network).name}"
            counts.append((name, now.by_network[network], ranked))
    for what, count, earlier in counts:
        if earlier >= ACCOUNTS_FEW and 100 * count < LEAST_PERCENT * earlier:
            raise FewAccountsError(
                f"{month} has {count} {what}, {month.plus(-1)} had {earlier}: nothing is published."
                " See which readings are missing (dashboard « Réseaux et fraîcheur »). If it is so"
                f" for good, run `observatoire score month {month} --fewer`"
            )
