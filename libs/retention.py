"""How long anything is kept: the terms of the networks and the law, as TTLs of the tables.

Two rules meet in a row, and the shorter one holds: what the table is for (texts 30 days, how jobs
ended 60), and what the row's network allows (`Network.retention_days`). Both are counted from the
engine's clock. Invented rows concern nobody, and stay: a demonstration has a clock of its own.

Topics follow the same terms: what comes from a network that limits its keeping is published on a
short part of the topic (`Topic.for_network`, contracts/topics.py). Open files carry nothing but
months of scores, where a network whose terms forbid them has no figures.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.networks import NETWORKS, Network

TEXT_DAYS = 30
"""Texts of posts and of others, and what was found in them."""

OUTCOME_DAYS = 60
"""How jobs of collection ended."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A table whose rows bear a `network`: the instant they age from, and most days for any."""

    since: str
    days: int | None = None


TABLES: Mapping[str, Kept] = {
    "account_observations": Kept("observed_at"),
    "latest_observations": Kept("observed_at"),
    "post_observations": Kept("observed_at"),
    "post_texts": Kept("observed_at", TEXT_DAYS),
    "mentions": Kept("observed_at", TEXT_DAYS),
    "matches": Kept("observed_at", TEXT_DAYS),
    "collect_outcomes": Kept("ended_at", OUTCOME_DAYS),
    "outcomes_by_account": Kept("ended_at", OUTCOME_DAYS),
    "latest_outcomes": Kept("ended_at", OUTCOME_DAYS),
}

NO_FIGURES: Mapping[str, str] = {
    "accounts": "the registry: whose an account is, from public directories",
    "bareme": "quantiles of many accounts, of scored networks",
    "methodology_networks": "what a network weighs in a score, from surveys; nothing of an account",
    "scores": "our scores; an account of a network that is not scored has no figure there",
}
"""Tables with a `network` that obey no network's term, and why."""


MARGIN_DAYS = 1
"""The engine deletes at a merge, some hours after a row's time: a term is never passed."""


def outliving(table: str, networks: Sequence[Network] = NETWORKS) -> str:
    """Return the condition on the rows of a table that may be kept for ever.

    A copy that outlives the table, such as a backup, holds no other. Raises nothing: a table that
    is not in `TABLES` obeys no network's term.
    """
    if table not in TABLES:
        return "1"
    short = sorted(f"'{one.slug}'" for one in networks if one.retention_days is not None)
    return f"origin = 'simulation' OR network NOT IN ({', '.join(short)})" if short else "1"


def ttl(table: str, networks: Sequence[Network] = NETWORKS) -> str | None:
    """Return the TTL of a table as the engine writes it, None where rows are kept for ever."""
    kept = TABLES[table]
    age = f"toDateTime({kept.since}) + toIntervalDay"
    terms = [f"{age}({kept.days}) WHERE origin != 'simulation'"] if kept.days else []
    by_days: defaultdict[int, list[str]] = defaultdict(list)
    for network in networks:
        days = network.retention_days
        if days is not None and (kept.days is None or days - MARGIN_DAYS < kept.days):
            by_days[days - MARGIN_DAYS].append(network.slug)
    for days, slugs in sorted(by_days.items()):
        names = ", ".join(f"'{slug}'" for slug in sorted(slugs))
        term = f"{age}({days}) WHERE (network IN ({names})) AND (origin != 'simulation')"
        terms.append(term)
    return ", ".join(terms) or None
