"""« Ma collectivité »: where do I stand, why, against whom, what do I do next."""

from datetime import timedelta

from contracts.panels.panel import Dashboard, Field, Panel
from contracts.panels.variables import (
    ACCOUNT,
    CATEGORY,
    DEPARTEMENT,
    NETWORK,
    PERIOD,
    REGION,
    TERRITORY,
)

OF_ACCOUNT = {"account": "account"}
ACCOUNT_MONTH = {"account": "account", "period": "period"}
ACCOUNT_DAYS = {"account": "account", "date_from": "date_from", "date_to": "date_to"}

SCORE_HISTORY = Panel(
    slug="score_history",
    question="Le score bouge-t-il vraiment ?",
    view="account_scores",
    parameters=OF_ACCOUNT,
    fields=(
        Field("period", "Mois", "month"),
        Field("score", "Score", "points"),
        Field("low", "Bas de l’intervalle", "points"),
        Field("high", "Haut de l’intervalle", "points"),
    ),
    place="score",
    drawing="band",
    x="period",
    y="score",
    low="low",
    high="high",
    advice=(
        "Un mouvement à l’intérieur de la bande n’en est pas un : attendez le mois suivant "
        "avant d’en tirer une leçon."
    ),
)
SCORE_SHARES = Panel(
    slug="score_shares",
    question="D’où viennent les points, et où en reste-t-il ?",
    view="account_kpis",
    parameters=ACCOUNT_MONTH,
    fields=(
        Field("label", "Indicateur", "text"),
        Field("contribution", "Points gagnés", "points"),
        Field("lost", "Points laissés", "points"),
    ),
    place="score",
    drawing="shares",
    x="label",
    y="contribution",
    second="lost",
    advice=(
        "Commencez par la plus longue barre claire parmi l’engagement et la publication : "
        "ce sont les deux leviers d’un agent. L’audience se gagne lentement."
    ),
    frequency=True,
)
PEERS = Panel(
    slug="peers",
    question="Qui est tout près ?",
    view="peers",
    parameters=ACCOUNT_MONTH,
    fields=(
        Field("territory_name", "Collectivité", "text"),
        Field("score", "Score", "points"),
        Field("low", "Bas de l’intervalle", "points"),
        Field("high", "Haut de l’intervalle", "points"),
        Field("best_place", "Place au mieux", "rank"),
        Field("worst_place", "Place au pire", "rank"),
    ),
    place="score",
    drawing="intervals",
    x="territory_name",
    y="score",
    low="low",
    high="high",
    advice=(
        "Deux barres qui se recouvrent sont à égalité. Un point au bout de sa barre est déjà au "
        "plafond du barème : le hasard n’aurait pu que le baisser. Regardez ce que publient les "
        "voisines, pas leur rang."
    ),
)
FOLLOWERS = Panel(
    slug="followers",
    question="L’audience grandit-elle ?",
    view="account_days",
    parameters=ACCOUNT_DAYS,
    fields=(Field("day", "Jour", "day"), Field("followers", "Abonnés", "count")),
    place="account",
    drawing="line",
    x="day",
    y="followers",
    span=timedelta(days=90),
    advice="Une marche nette a une cause : un événement, une campagne, une publication relayée.",
)
RHYTHM = Panel(
    slug="rhythm",
    question="À quel rythme le compte publie-t-il ?",
    view="account_posts",
    parameters=ACCOUNT_DAYS,
    fields=(Field("published_at", "Jour", "day"), Field("posts", "Publications", "count")),
    place="account",
    drawing="columns",
    x="published_at",
    y="posts",
    counted=True,
    span=timedelta(days=90),
    advice=(
        "Trois fois par semaine, toutes les semaines, vaut mieux que dix fois puis rien. "
        "Au-delà d’une par jour, plus n’ajoute aucun point."
    ),
    frequency=True,
)
REACTIONS = Panel(
    slug="reactions",
    question="Qu’est-ce qui fait réagir ?",
    view="account_posts",
    parameters=ACCOUNT_DAYS,
    fields=(
        Field("published_at", "Publié le", "instant"),
        Field("engagement", "Taux d’engagement", "ratio"),
        Field("kind", "Type", "text"),
        Field("interactions", "Interactions", "count"),
        Field("address", "Adresse", "link"),
    ),
    place="account",
    derived=True,
    drawing="dots",
    x="published_at",
    y="engagement",
    second="kind",
    span=timedelta(days=30),
    advice=(
        "Rouvrez les trois points les plus hauts : qu’ont-ils en commun ? Une alerte ou un deuil "
        "fait réagir aussi : ce n’est pas un modèle."
    ),
    limit=500,
)
# The portal lists the accounts of a territory by itself, with what to do.
NETWORKS = Panel(
    slug="networks",
    question="Sur quels réseaux est-on suivi ?",
    view="territory_scores",
    parameters={"territory": "territory", "period": "period"},
    fields=(
        Field("network", "Réseau", "text"),
        Field("handle", "Compte", "text"),
        Field("score", "Score", "points"),
        Field("stratum_high_rank", "Place au mieux dans la strate", "rank"),
        Field("stratum_low_rank", "Place au pire dans la strate", "rank"),
        Field("stratum_ranked", "Classés dans la strate", "count"),
        Field("followers", "Abonnés", "count"),
        Field("reason", "Non classé car", "text"),
    ),
    drawing="table",
    x="network",
    y="score",
    filters=("network",),
    advice="Un réseau non observé n’est pas un zéro : nous n’avons pas le droit de le lire.",
)
# The portal has « Palmarès », a page of its own.
RANKING = Panel(
    slug="ranking",
    question="Qui est en tête de la catégorie ?",
    view="ranking",
    parameters={
        "network": "network",
        "category": "category",
        "period": "period",
        "departement": "departement",
        "region": "region",
    },
    fields=(
        Field("rank", "Rang", "rank"),
        Field("high_rank", "Place au mieux", "rank"),
        Field("low_rank", "Place au pire", "rank"),
        Field("territory_name", "Collectivité", "text"),
        Field("network", "Réseau", "text"),
        Field("handle", "Compte", "text"),
        Field("score", "Score", "points"),
        Field("engagement", "Taux d’engagement", "ratio"),
        Field("frequency", "Publications par jour", "per_day"),
        Field("followers", "Abonnés", "count"),
    ),
    drawing="table",
    x="territory_name",
    y="score",
    advice="Ouvrez deux comptes en tête, de votre taille : que font-ils que vous pourriez faire ?",
    limit=100,
)

DASHBOARD = Dashboard(
    slug="ma-collectivite",
    title="Ma collectivité",
    description="Où l’on en est, pourquoi, près de qui, et quoi faire ensuite.",
    variables=(PERIOD, TERRITORY, NETWORK, ACCOUNT, CATEGORY, DEPARTEMENT, REGION),
    panels=(
        SCORE_SHARES,
        SCORE_HISTORY,
        PEERS,
        FOLLOWERS,
        RHYTHM,
        REACTIONS,
        NETWORKS,
        RANKING,
    ),
    portal="/territoires/${territory}?periode=${period}",
    lesson="lire-son-score",
)
