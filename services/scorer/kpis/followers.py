"""Followers at the end of the month (methodology, 6.4)."""

from services.scorer.kpis.rule import Rule

RULE = Rule(
    value="least(followers, 9000000000) * 1000000000",
    needs=("followers",),
    explanation=(
        "Le nombre d’abonnés à la fin du mois, comparé à celui des comptes de votre catégorie. "
        "C’est une audience acquise avec le temps."
    ),
    advice=(
        "Publier ce qui se partage entre voisins, et faire connaître le compte par les relais "
        "locaux : écoles, associations, commerces, presse."
    ),
)
