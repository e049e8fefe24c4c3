"""Followers ÷ accounts followed, counted as at least one (methodology, 6.5)."""

from contracts.clickhouse.interactions import capped
from services.scorer.kpi import Rule, rounded

RULE = Rule(
    value=rounded(
        f"{capped('followers')} * 1000000000",
        capped("if(following < 1, 1, following)"),
    ),
    needs=("followers", "following"),
    explanation=(
        "Le nombre d’abonnés divisé par le nombre de comptes suivis. Il vient de la méthode "
        "d’origine et pèse peu : suivre ses associations et ses voisins n’est pas une faute."
    ),
    advice="",
)
