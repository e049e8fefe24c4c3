"""« Classements »: who is at the head of a category, and by what each indicator counts."""

from contracts.panels.ma_collectivite import RANKING
from contracts.panels.panel import Dashboard, Field, Panel
from contracts.panels.variables import CATEGORY, DEPARTEMENT, NETWORK, PERIOD, REGION

MONTHS = Panel(
    slug="months",
    question="Quels mois sont publiés, et sont-ils définitifs ?",
    view="periods",
    parameters={},
    fields=(
        Field("period", "Mois", "month"),
        Field("state", "État", "text"),
        Field("methodology", "Méthodologie", "text"),
        Field("ranked", "Classés", "count"),
        Field("accounts", "Comptes", "count"),
        Field("computed_at", "Calculé le", "instant"),
    ),
    drawing="table",
    x="period",
    y="ranked",
    advice="Un mois provisoire peut encore bouger : citez-le comme tel.",
)

DASHBOARD = Dashboard(
    slug="classements",
    title="Classements",
    description="Qui est en tête, par catégorie et par réseau, mois par mois.",
    variables=(PERIOD, NETWORK, CATEGORY, DEPARTEMENT, REGION),
    panels=(RANKING, MONTHS),
    portal="/palmares?periode=${period}",
    lesson="lire-son-score",
)
