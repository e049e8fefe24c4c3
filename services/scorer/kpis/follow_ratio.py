"""Followers ÷ accounts followed, counted as at least one (methodology, 6.5)."""

from services.scorer.kpis.rule import Rule, rounded

RULE = Rule(
    value=rounded(
        "least(followers, 9000000000) * 1000000000", "least(greatest(following, 1), 9000000000)"
    ),
    needs=("followers", "following"),
    explanation=(
        "Le nombre d’abonnés divisé par le nombre de comptes que vous suivez. Il vient de la "
        "méthode d’origine et pèse peu : suivre vos associations et vos voisins n’est pas une "
        "faute."
    ),
    advice="",
)
