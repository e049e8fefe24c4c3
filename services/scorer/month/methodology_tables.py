"""What a methodology weighs, kept beside the scores, so that views can tell it."""

from libs.engine.client import Engine
from libs.engine.insert import insert
from services.scorer.kpis import RULES, networks_of, shown
from services.scorer.methodologies import Methodology, methodology, versions


async def store_methodology(client: Engine, rules: Methodology) -> None:
    """Store weights and texts of the KPIs, and weights of the networks; raises the engine's errors.

    Rows that were stored before are replaced.
    """
    by_weight = sorted(shown(rules), key=lambda kpi: -rules.weights.get(kpi.slug, 0))
    kpis = [
        {
            "methodology": rules.version,
            "kpi": kpi.slug,
            "position": position,
            "label": kpi.label,
            "unit": kpi.unit,
            "weight": rules.weights.get(kpi.slug, 0),
            "networks": networks_of(kpi, rules),
            "inherited": kpi.inherited,
            "explanation": RULES[kpi.slug].explanation,
            "advice": RULES[kpi.slug].advice,
        }
        for position, kpi in enumerate(by_weight, 1)
    ]
    networks = [
        {
            "methodology": rules.version,
            "network": network,
            "weight": use.weight,
            "source": use.source,
            "year": use.year,
            "least_share": rules.synthetic.least_share,
        }
        for network, use in rules.synthetic.use_in_france.items()
    ]
    await insert(client, "methodology_kpis", kpis)
    await insert(client, "methodology_networks", networks)


async def store_published_methodologies(client: Engine) -> None:
    """Store anew each methodology by which a month was computed: views may ask more of it now."""
    found = await client.query("SELECT DISTINCT methodology FROM months")
    for version in sorted({str(row[0]) for row in found.result_rows} & {*versions()}):
        await store_methodology(client, methodology(version))
