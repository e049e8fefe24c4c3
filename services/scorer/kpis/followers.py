"""Followers at the end of the month (methodology, 6.4)."""

from contracts.clickhouse.interactions import capped
from services.scorer.kpi import Rule

RULE = Rule(
    value=f"{capped('followers')} * 1000000000",
    needs=("followers",),
    explanation=(
        "Le nombre d’abonnés à la fin du mois, comparé à celui des comptes de sa catégorie. "
        "C’est une audience acquise avec le temps."
    ),
    advice=(
        "Publier ce qui se partage entre voisins, et faire connaître le compte par les relais "
        "locaux : écoles, associations, commerces, presse."
    ),
)
