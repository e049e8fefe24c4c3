"""Reach: followers at the end of the month ÷ inhabitants (methodology, 6.2)."""

from contracts.clickhouse.interactions import capped
from services.scorer.kpi import Rule, rounded

RULE = Rule(
    value=rounded(f"{capped('followers')} * 1000000000", "nullIf(toUInt64(population), 0)"),
    needs=("followers",),
    explanation=(
        "Les abonnés rapportés aux habitants : une petite commune bien suivie vaut mieux, ici, "
        "qu’une grande ville peu suivie. C’est une audience acquise avec le temps."
    ),
    advice=(
        "Rappeler le compte là où passent les habitants : bulletin, accueil de la mairie, site, "
        "affiches avec QR code, signature des courriels."
    ),
)
