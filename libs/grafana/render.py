"""Panels as Grafana shows them: dashboard JSON by Grafana's own builders (schema of 11.6).

Statements are those of the panels, variables written `${name:sqlstring}`: Grafana quotes them, and
« Tous » is the empty string, as everywhere. Public figures only: nothing here belongs to one
territory.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard, prometheus
from grafana_foundation_sdk.cog import builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.runtime import UnknownDataquery
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as models

from contracts.panels import DASHBOARDS
from contracts.panels.annotations import ANNOTATIONS, DEPLOYED
from contracts.panels.panel import Dashboard, Measure, Panel, Variable
from libs.charts.drawing import drawing_of
from libs.grafana.builders import AnyPanel, measured

PLUGIN = "grafana-clickhouse-datasource"
SOURCE_UID = "observatoire-clickhouse"
SOURCE = models.DataSourceRef(type_val=PLUGIN, uid=SOURCE_UID)
PROMETHEUS_UID = "observatoire-prometheus"
PROMETHEUS = models.DataSourceRef(type_val="prometheus", uid=PROMETHEUS_UID)
TAG = "observatoire"
TABLE_FORMAT = 1
"""The plugin's number for rows as they come; time series are made of them by the panel."""

PORTAL = "http://127.0.0.1:8000"
"""Of the committed files; `grafana sync` and `grafana write` write `PORTAL_URL`."""
MARK = "[SIMULATION] "
RESERVE = " Hors période électorale seulement (art. L. 52-1)."
WIDTH, HEIGHT = 12, 9
"""Of a panel, in the columns (24) and rows of Grafana's grid."""

RANGES = {
    "date_from": "${__from:date:YYYY-MM-DD}",
    "date_to": "${__to:date:YYYY-MM-DD}",
    "at": "${__to:date:iso}",
}
"""The days of a panel are those of Grafana's time picker; « now » is its end."""


def write(variable: str) -> str:
    """Write a variable for Grafana to fill in, quoted as a text of SQL."""
    return f"'{RANGES[variable]}'" if variable in RANGES else f"${{{variable}:sqlstring}}"


def rendered(board: Dashboard, installation: str, portal: str = PORTAL) -> str:
    """Return a dashboard as the JSON that Grafana loads; titles are marked in a simulation.

    `portal` is what links to the portal begin with.
    """
    mark = MARK if installation == "simulation" else ""
    built = (
        dashboard.Dashboard(mark + board.title)
        .uid(f"{installation}-{board.slug}")
        .description(board.description)
        .tags([TAG, installation, *(["exploitation"] if board.measures else [])])
        .timezone("Europe/Paris")
        .week_start("monday")
        .time("now-6h" if board.measures else "now-90d", "now")
        .refresh("1m" if board.measures else "")
        .readonly()
    )
    for link in _links(board, portal.rstrip("/")):
        built = built.link(link)
    for variable in board.variables:
        if variable.search:
            typed = dashboard.TextBoxVariable(variable.search).default_value("")
            built = built.with_variable(typed.label(f"{variable.label} : chercher"))
        built = built.with_variable(_variable(variable))
    for panel in board.panels:
        built = built.with_panel(_panel(panel, mark))
    for measure in board.measures:
        built = built.with_panel(_measured(measure, mark))
    model = json.loads(json.dumps(built.build(), cls=JSONEncoder))
    model["annotations"] = {"list": _annotations(board)}
    return json.dumps(model, ensure_ascii=False, indent=1) + "\n"


def _links(board: Dashboard, portal: str) -> Iterator[dashboard.DashboardLink]:
    """Yield the ways out: the other dashboards, the page of the portal, what to learn."""
    links = models.DashboardLinkType
    others = dashboard.DashboardLink("Les autres tableaux").type(links.DASHBOARDS).tags([TAG])
    yield others.as_dropdown(True).keep_time(True).include_vars(True)
    for title, path in (
        ("Sur le portail", board.portal),
        ("La leçon", board.lesson and f"/apprendre/{board.lesson}"),
    ):
        if path:
            link = dashboard.DashboardLink(title).type(links.LINK).url(portal + path)
            yield link.icon("external link").target_blank(True)


def _annotations(board: Dashboard) -> list[dict[str, object]]:
    """Return the marks over the curves; Grafana's builder knows no statement for them."""
    marks: list[dict[str, object]] = [
        {
            "name": one.title,
            "datasource": SOURCE.to_json(),
            "enable": True,
            "iconColor": one.color,
            "target": _question(one.sql(write), one.tag),
        }
        for one in ANNOTATIONS
    ]
    if board.measures:
        marks.append(
            {
                "name": "Déploiements",
                "datasource": PROMETHEUS.to_json(),
                "enable": True,
                "iconColor": "green",
                "expr": DEPLOYED,
                "step": "60s",
                "titleFormat": "Version {{version}}",
            }
        )
    return marks


def _question(sql: str, name: str) -> dict[str, object]:
    """Return a statement as the plugin stores it."""
    return {
        "refId": name,
        "rawSql": sql,
        "queryType": "table",
        "format": TABLE_FORMAT,
        "editorType": "sql",
    }


def _variable(variable: Variable) -> dashboard.QueryVariable:
    built = (
        dashboard.QueryVariable(variable.name)
        .label(variable.label)
        .datasource(SOURCE)
        .query(_question(variable.sql(write), variable.name))
        .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(models.VariableSort.DISABLED)
        .multi(False)
        .include_all(False)
    )
    if variable.all_label is not None:
        built = built.current(models.VariableOption(True, variable.all_label, ""))
    return built


def _panel(panel: Panel, mark: str) -> AnyPanel:
    built = drawing_of(panel).grafana(panel)
    return (
        built.title(mark + panel.question)
        .description(panel.advice + (RESERVE if panel.frequency else ""))
        .datasource(SOURCE)
        .targets([_Target(panel)])
        .span(24 if panel.drawing == "table" else WIDTH)
        .height(HEIGHT)
        .no_value("Aucun chiffre : ce n’est pas un zéro")
    )


def _measured(measure: Measure, mark: str) -> AnyPanel:
    built = measured(measure)
    for place, (legend, expression) in enumerate(measure.curves):
        query = prometheus.Dataquery().expr(expression).legend_format(legend)
        built = built.with_target(query.ref_id(chr(ord("A") + place)).datasource(PROMETHEUS))
    return (
        built.title(mark + measure.question)
        .description(measure.advice)
        .datasource(PROMETHEUS)
        .span(WIDTH)
        .height(HEIGHT)
        .no_value("Rien à montrer")
    )


class _Target(builder.Builder[Dataquery]):
    """A builder of the one statement of a panel (the shape that the plugin stores)."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def build(self) -> UnknownDataquery:
        """Return the target."""
        return UnknownDataquery(
            {"datasource": SOURCE.to_json(), **_question(self._panel.sql(write), "A")}
        )


def dashboards() -> dict[Path, str]:
    """Return the dashboards to commit, path from the root of the repository → JSON."""
    return {
        Path("deploy/grafana") / installation / f"{board.slug}.json": rendered(board, installation)
        for board in DASHBOARDS
        for installation in ("live", "simulation")
    }
