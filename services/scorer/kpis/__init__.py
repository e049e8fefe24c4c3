"""The KPIs, one file each: `contracts/kpis.py` says what a figure is, the file says how."""

from importlib import import_module

from contracts.kpis import KPIS, Kpi
from contracts.networks import Network
from services.scorer.kpi import Rule

RULES: dict[str, Rule] = {
    kpi.slug: import_module(f"services.scorer.kpis.{kpi.slug}").RULE for kpi in KPIS
}


def published_on(network: Network, kpi: Kpi) -> bool:
    """Tell whether a network publishes what a KPI is made of (methodology, 6.6)."""
    if not network.scored:
        return False
    matter = set(RULES[kpi.slug].needs) <= set(network.account_counters)
    return matter and (kpi.slug != "engagement" or bool(network.interactions))
