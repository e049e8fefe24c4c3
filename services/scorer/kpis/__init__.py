"""The KPIs, one file each: `contracts/kpis.py` says what a figure is, the file says how."""

from importlib import import_module

from contracts.kpis import KPIS, Kpi
from services.scorer.kpi import Rule
from services.scorer.methodologies import Methodology

RULES: dict[str, Rule] = {
    kpi.slug: import_module(f"services.scorer.kpis.{kpi.slug}").RULE for kpi in KPIS
}


def weighed(rules: Methodology) -> tuple[Kpi, ...]:
    """Return the KPIs that weigh in the score, by a version of the methodology."""
    return tuple(kpi for kpi in KPIS if kpi.slug in rules.weights)


def shown(rules: Methodology) -> tuple[Kpi, ...]:
    """Return the KPIs that a version computes: those that weigh, and those beside them."""
    return tuple(kpi for kpi in KPIS if kpi.slug in rules.weights or kpi.slug in rules.shown)


def networks_of(kpi: Kpi, rules: Methodology) -> tuple[str, ...]:
    """Return the scored networks that publish what a KPI is made of (methodology, 6.6)."""
    rule = RULES[kpi.slug]
    return tuple(
        slug
        for slug, network in rules.networks.items()
        if set(rule.needs) <= set(network.account) and (network.interactions or not rule.of_posts)
    )


def facts_of(rules: Methodology) -> tuple[dict[str, str], dict[str, str]]:
    """Return the SQL that KPIs add to the facts of posts and of measures, by name."""
    posts, measures = dict[str, str](), dict[str, str]()
    for kpi in shown(rules):
        posts |= RULES[kpi.slug].posts
        measures |= RULES[kpi.slug].account
    return posts, measures


def value_of(kpi: Kpi, rules: Methodology) -> str:
    """Return the SQL of a KPI's value by a version, null on a network without its matter."""
    rule = RULES[kpi.slug]
    value = rule.by_version.get(rules.version, rule.value)
    on = ", ".join(f"'{slug}'" for slug in networks_of(kpi, rules))
    return f"if(network IN ({on}), {value}, NULL)" if on else "NULL"
