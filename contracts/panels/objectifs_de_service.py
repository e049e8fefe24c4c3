"""« Objectifs de service »: what is promised, what is left of each margin, how fast it goes."""

from contracts.operations.objectives import OBJECTIVES, RECORDED, Objective
from contracts.panels.panel import Dashboard, Measure


def _errors(objective: Objective) -> Measure:
    return Measure(
        f"errors_{objective.slug}",
        f"{objective.title} : tenons‑nous « {objective.promise} » ?",
        tuple(
            (f"erreurs sur {words}", f'{RECORDED}_{window}{{objective="{objective.slug}"}}')
            for window, words in (("1h", "1 h"), ("1d", "1 jour"), ("3d", "3 jours"))
        ),
        "ratio",
        f"Au-dessus du trait, la marge du mois se consomme trop vite : "
        f"docs/runbooks/objective-{objective.slug}.md.",
        objective.budget,
    )


def _left(objective: Objective) -> Measure:
    recorded = f'{RECORDED}_6h{{objective="{objective.slug}"}}'
    return Measure(
        f"left_{objective.slug}",
        f"{objective.title} : que reste‑t‑il de la marge de trente jours ?",
        (("reste", f"1 - avg_over_time({recorded}[30d]) / {objective.budget:g}"),),
        "ratio",
        "Sous zéro, la promesse du mois n’est pas tenue : dites-le, puis n’ajoutez rien de neuf "
        "avant d’en avoir traité la cause.",
        least=0,
    )


DASHBOARD = Dashboard(
    slug="objectifs-de-service",
    title="Objectifs de service",
    description="Ce que l’observatoire promet, et s’il le tient.",
    measures=tuple(measure for one in OBJECTIVES for measure in (_errors(one), _left(one))),
    portal="/exploitation/tableaux/objectifs-de-service",
)
