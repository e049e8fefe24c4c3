"""Engagement: mean over the month's posts of public interactions ÷ followers (methodology, 6.1)."""

from services.scorer.kpi import Rule

RULE = Rule(
    value="if(measured > 0, engagement_mean, NULL)",
    needs=("followers",),
    of_posts=True,
    explanation=(
        "La part de vos abonnés qui réagissent à une publication, en moyenne sur le mois : "
        "interactions publiques (mentions « j’aime », commentaires, partages selon le réseau) "
        "relevées sept jours après la publication, divisées par le nombre d’abonnés de ce "
        "jour-là."
    ),
    advice=(
        "Répondre aux commentaires, poser une vraie question, montrer des habitants et des lieux "
        "reconnaissables ; regarder laquelle de vos publications du mois a fait le plus réagir, "
        "et pourquoi."
    ),
)
