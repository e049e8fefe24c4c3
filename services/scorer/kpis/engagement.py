"""Engagement: mean over the month's posts of public interactions ÷ followers (methodology, 6.1)."""

from services.scorer.kpi import Rule

RULE = Rule(
    value="if(measured > 0, rates_mean, NULL)",
    margin="rates_margin",
    needs=("followers",),
    of_posts=True,
    explanation=(
        "Les interactions publiques d’une publication (mentions « j’aime », commentaires, partages "
        "selon le réseau), relevées à sept jours et divisées par le nombre d’abonnés du jour où "
        "elle a paru. En moyenne sur le mois. Une même personne peut y compter plusieurs fois."
    ),
    advice=(
        "Répondre aux commentaires, poser une vraie question, montrer des habitants et des lieux "
        "reconnaissables ; regarder laquelle de vos publications du mois a fait le plus réagir, "
        "et pourquoi."
    ),
)
