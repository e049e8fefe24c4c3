"""A lesson is one file; a panel one definition; a dashboard, a report one file and one line."""

import pytest

pytestmark = [pytest.mark.proof, pytest.mark.broker, pytest.mark.engine, pytest.mark.timeout(900)]

LESSON = """---
title: Répondre aux critiques
subject: repondre
level: novice
minutes: 4
helps: [engagement]
take: liste
act: répondez à une critique, sans vous défendre
---
TEXT

## À emporter : la liste

- Le fait.
- La cause.
- La suite.
- Le nom.
""".replace("TEXT", "Une critique publique est aussi une question. " * 55)

PANEL = """ENGAGEMENT_BY_KIND = Panel(
    slug="views",
    question="Qui regarde ?",
    view="account_posts",
    parameters=ACCOUNT_DAYS,
    fields=(
        Field("published_at", "Publié le", "instant"),
        Field("interactions", "Interactions", "count"),
        Field("kind", "Type", "text"),
    ),
    drawing="dots",
    place="account",
    x="published_at",
    y="interactions",
    second="kind",
    span=timedelta(days=30),
    advice="Ouvrez le point le plus haut.",
)
"""

DASHBOARD = '''"""« Mes mois »: the scores of an account, for whoever reads one page."""

from contracts.panels.panel import Dashboard, Field, Panel, Variable

SCORES = Panel(
    slug="scores",
    question="Quels scores ce compte a-t-il eus ?",
    view="account_scores",
    parameters={"account": "account"},
    fields=(Field("period", "Mois", "month"), Field("score", "Score", "points")),
    drawing="table",
    x="period",
    y="score",
    advice="Regardez la marge avant le mouvement.",
)

DASHBOARD = Dashboard(
    slug="mes-mois",
    title="Mes mois",
    description="Les mois d’un compte, en une page.",
    variables=(
        Variable("territory", "Collectivité", "territory_list", "code", "name"),
        Variable(
            "account",
            "Compte",
            "territory_accounts",
            "account",
            "handle",
            parameters=(("territory", "territory"),),
        ),
    ),
    panels=(SCORES,),
    portal="/palmares",
)
'''


REPORT = '''"""« La page du trimestre »: how a score moves, for whoever looks once a quarter."""

from contracts.panels.ma_collectivite import SCORE_HISTORY
from services.api.reports.report import Report, Subject
from services.api.words.standing import places


def _standing(one: Subject) -> str:
    return places.standing(one.score, one.name, one.among)


REPORT = Report(
    slug="trimestriel",
    audience="la direction",
    title="La page du trimestre",
    panels=(SCORE_HISTORY,),
    ranks=(),
    standing=_standing,
    trend=_standing,
    remarks=(),
    answers=lambda one: [],
)
'''


def test_a_lesson_is_one_file(copy):
    copy.write("services/api/lessons/repondre-aux-critiques.md", LESSON)
    copy.test("tests/portal/test_lessons.py")
    assert (len(copy.made), copy.edited) == (1, [])


def test_a_panel_is_one_definition_and_its_place(copy):
    board = "contracts/panels/ma_collectivite.py"
    copy.insert(board, "DASHBOARD = Dashboard(", PANEL)
    copy.insert(board, "NETWORKS,", "        ENGAGEMENT_BY_KIND,")
    copy.generate()
    copy.test("tests/portal/test_panels.py", "tests/libs/charts", "tests/libs/grafana")
    assert (copy.made, set(copy.edited)) == ([], {board})


def test_a_dashboard_is_one_file_and_one_line(copy):
    copy.write("contracts/panels/mes_mois.py", DASHBOARD)
    boards = "contracts/panels/__init__.py"
    copy.insert(boards, "objectifs_de_service,", "    mes_mois,")
    copy.insert(boards, "veille.DASHBOARD,", "    mes_mois.DASHBOARD,")
    copy.generate()
    copy.test("tests/libs/grafana", "tests/portal/test_panels.py")
    assert (len(copy.made), set(copy.edited)) == (1, {boards})
    for kind in ("live", "simulation"):
        shown = (copy.root / "deploy" / "grafana" / kind / "mes-mois.json").read_text("utf-8")
        assert "Quels scores ce compte a-t-il eus ?" in shown


def test_a_report_is_one_file_and_one_line(copy):
    copy.write("services/api/reports/quarterly.py", REPORT)
    reports = "services/api/reports/__init__.py"
    copy.replace(reports, "import monthly\n", "import monthly, quarterly\n")
    copy.replace(reports, "(monthly.REPORT,)", "(monthly.REPORT, quarterly.REPORT)")
    copy.test("tests/portal/test_reports.py", "-m", "not browser")
    assert set(copy.edited) == {reports}
