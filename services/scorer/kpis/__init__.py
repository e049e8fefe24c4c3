"""The KPIs, one file each: `contracts/kpis.py` says what a figure is, the file says how."""

from importlib import import_module

from contracts.kpis import KPIS, Kpi
from contracts.networks import Network
from services.scorer.kpi import Rule
from services.scorer.methodologies import Methodology

RULES: dict[str, Rule] = {
    kpi.slug: import_module(f"services.scorer.kpis.{kpi.slug}").RULE for kpi in KPIS
}


def weighed(rules: Methodology) -> tuple[Kpi, ...]:
    """Return the KPIs of a version of the methodology: an older one does not have the latest."""
    return tuple(kpi for kpi in KPIS if kpi.slug in rules.weights)


def published_on(network: Network, kpi: Kpi) -> bool:
    """Tell whether a network publishes what a KPI is made of (methodology, 6.6)."""
    if not network.scored:
        return False
    matter = set(RULES[kpi.slug].needs) <= set(network.account_counters)
    return matter and (kpi.slug != "engagement" or bool(network.interactions))
