"""« Publications » (expert): each post of an account with its counters."""

from contracts.panels.ma_collectivite import REACTIONS, RHYTHM
from contracts.panels.panel import Dashboard, Field, Panel
from contracts.panels.variables import ACCOUNT, NETWORK, TERRITORY

POSTS = Panel(
    slug="posts",
    question="Qu’a donné chaque publication ?",
    view="account_posts",
    parameters={"account": "account", "date_from": "date_from", "date_to": "date_to"},
    fields=(
        Field("published_at", "Publié le", "instant"),
        Field("kind", "Type", "text"),
        Field("interactions", "Interactions", "count"),
        Field("likes", "J’aime", "count"),
        Field("comments", "Commentaires", "count"),
        Field("shares", "Partages", "count"),
        Field("views", "Vues", "count"),
        Field("engagement", "Taux d’engagement", "ratio"),
        Field("readings", "Relevés", "count"),
        Field("address", "Adresse", "link"),
    ),
    drawing="table",
    x="published_at",
    y="interactions",
    derived=True,
    advice=(
        "Triez par commentaires, puis par partages : ce ne sont pas les mêmes publications. "
        "Une case vide n’est pas un zéro : le réseau ne publie pas ce compteur."
    ),
    limit=1_000,
)

DASHBOARD = Dashboard(
    slug="publications",
    title="Publications",
    description="Chaque publication d’un compte, pour qui veut refaire le calcul.",
    variables=(TERRITORY, NETWORK, ACCOUNT),
    panels=(POSTS, REACTIONS, RHYTHM),
    portal="/territoires/${territory}?vue=detaillee",
    lesson="faire-reagir",
)
