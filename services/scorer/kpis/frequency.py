"""Posts per day over the month, at most one counts (methodology, 6.3)."""

from services.scorer.kpi import Rule, rounded

RULE = Rule(
    value=f"least(1000000000, {rounded('toUInt64(posts) * 1000000000', '{days}')})",
    needs=(),
    explanation=(
        "Le nombre moyen de publications par jour, plafonné à une : au-delà, rien n’est gagné."
    ),
    advice=(
        "Un rythme tenable et régulier : préparer la semaine à l’avance, reprendre les rendez-vous "
        "qui reviennent (marché, conseil, travaux, météo)."
    ),
)
