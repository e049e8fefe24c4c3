"""« Comparer »: two accounts beside one another, month after month and day after day."""

from dataclasses import replace

from contracts.panels.ma_collectivite import FOLLOWERS, PEERS, RHYTHM, SCORE_HISTORY
from contracts.panels.panel import Dashboard, Field, Panel
from contracts.panels.variables import ACCOUNT, NETWORK, PERIOD, TERRITORY

OTHER_TERRITORY = replace(
    TERRITORY, name="other_territory", label="Comparée à", search="other_search"
)
OTHER_ACCOUNT = replace(
    ACCOUNT,
    name="other_account",
    label="Son compte",
    parameters=(("territory", "other_territory"),),
)


def _of_the_other(panel: Panel, question: str) -> Panel:
    """Return the same panel about the account that one compares with; Grafana's alone."""
    return replace(
        panel,
        slug=f"other_{panel.slug}",
        question=question,
        parameters=panel.parameters | {"account": "other_account"},
        place=None,
        span=None,
    )


# The portal alone draws it, for the accounts that its page compares.
SCORES_TOGETHER = Panel(
    slug="scores_together",
    question="Les scores bougent-ils ensemble ?",
    view="account_scores",
    parameters={"account": "account"},
    fields=(
        Field("period", "Mois", "month"),
        Field("territory_name", "Collectivité", "text"),
        Field("score", "Score", "points"),
    ),
    drawing="curves",
    x="period",
    y="score",
    second="territory_name",
    advice=(
        "Des courbes qui montent ensemble ont une cause commune : saison, élection, réseau. "
        "Cherchez ce que fait celle qui s’écarte des autres."
    ),
)

DASHBOARD = Dashboard(
    slug="comparer",
    title="Comparer",
    description="Deux comptes côte à côte : ne comparez que des collectivités de votre strate.",
    variables=(PERIOD, TERRITORY, NETWORK, ACCOUNT, OTHER_TERRITORY, OTHER_ACCOUNT),
    panels=(
        SCORE_HISTORY,
        _of_the_other(SCORE_HISTORY, "Et le sien, bouge-t-il ?"),
        FOLLOWERS,
        _of_the_other(FOLLOWERS, "Son audience grandit-elle ?"),
        RHYTHM,
        _of_the_other(RHYTHM, "À quel rythme publie-t-elle ?"),
        PEERS,
    ),
    portal="/comparer/${territory}",
    lesson="que-publier-lundi",
)
