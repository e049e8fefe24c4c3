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

# The portal alone draws these two, from its analysis of a year (docs/performance.md).
EFFECTS = Panel(
    slug="post_effects",
    question="Qu’est-ce qui change les réactions ?",
    view="account_performance",
    parameters={"account": "account"},
    fields=(
        Field("what", "Publications", "text"),
        Field("times", "Fois les réactions des autres", "times"),
        Field("least", "Au moins", "times"),
        Field("most", "Au plus", "times"),
    ),
    drawing="intervals",
    x="what",
    y="times",
    low="least",
    high="most",
    derived=True,
    advice=(
        "1 : comme les autres. Le trait est la marge : il ne passe par 1 pour aucune ligne. Faites "
        "plus de ce qui est à droite, un mois durant, puis regardez de nouveau."
    ),
)

NORMALS = Panel(
    slug="post_normals",
    question="Chaque publication a-t-elle fait mieux que d’habitude ?",
    view="account_performance",
    parameters={"account": "account"},
    fields=(
        Field("published_at", "Publié le", "instant"),
        Field("kind", "Type", "text"),
        Field("ratio", "Fois l’habituel", "times"),
        Field("young", "Encore jeune", "text"),
    ),
    drawing="normal",
    x="published_at",
    y="ratio",
    second="kind",
    low="young",
    derived=True,
    advice=(
        "Le tireté est l’habituel du compte pour ce type de publication, au même âge. Une marque "
        "creuse est encore jeune : elle est comparée à ce que les autres avaient à cet âge."
    ),
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
