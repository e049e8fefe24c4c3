"""Panels as Grafana shows them: dashboard JSON by Grafana's own builders (schema of 11.6).

Statements are those of the panels, variables written `${name:sqlstring}`: Grafana quotes them, and
« Tous » is the empty string, as everywhere. Public figures only: nothing here belongs to one
territory.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from grafana_foundation_sdk.builders import barchart, common, dashboard, table, timeseries
from grafana_foundation_sdk.cog import builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.runtime import UnknownDataquery
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

from contracts.panels import DASHBOARDS
from contracts.panels.panel import Dashboard, Field, Panel, Variable

PLUGIN = "grafana-clickhouse-datasource"
SOURCE_UID = "observatoire-clickhouse"
SOURCE = models.DataSourceRef(type_val=PLUGIN, uid=SOURCE_UID)
TABLE_FORMAT = 1
"""The plugin's number for rows as they come; time series are made of them by the panel."""

MARK = "[SIMULATION] "
RESERVE = " Hors période électorale seulement (art. L. 52-1)."
WIDTH, HEIGHT = 12, 9
UNITS = {"ratio": "percentunit", "count": "locale", "rank": "locale"}
DECIMALS = {"ratio": 1, "points": 1, "per_day": 2, "count": 0, "rank": 0}
RANGES = {"date_from": "${__from:date:YYYY-MM-DD}", "date_to": "${__to:date:YYYY-MM-DD}"}
"""The days of a panel are those of Grafana's time picker."""

AnyPanel = timeseries.Panel | barchart.Panel | table.Panel


def write(variable: str) -> str:
    """Write a variable for Grafana to fill in, quoted as a text of SQL."""
    return f"'{RANGES[variable]}'" if variable in RANGES else f"${{{variable}:sqlstring}}"


def rendered(board: Dashboard, installation: str) -> str:
    """Return a dashboard as the JSON that Grafana loads; titles are marked in a simulation."""
    mark = MARK if installation == "simulation" else ""
    built = (
        dashboard.Dashboard(mark + board.title)
        .uid(f"{installation}-{board.slug}")
        .description(board.description)
        .tags(["observatoire", installation])
        .timezone("Europe/Paris")
        .week_start("monday")
        .time("now-90d", "now")
        .readonly()
    )
    for variable in board.variables:
        built = built.with_variable(_variable(variable))
    for panel in board.panels:
        built = built.with_panel(_panel(panel, mark))
    return json.dumps(built.build(), cls=JSONEncoder, ensure_ascii=False, indent=1) + "\n"


def _variable(variable: Variable) -> dashboard.QueryVariable:
    query: dict[str, object] = {
        "rawSql": variable.sql(write),
        "queryType": "table",
        "format": TABLE_FORMAT,
        "editorType": "sql",
        "refId": variable.name,
    }
    built = (
        dashboard.QueryVariable(variable.name)
        .label(variable.label)
        .datasource(SOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(models.VariableSort.DISABLED)
        .multi(False)
        .include_all(False)
    )
    if variable.all_label is not None:
        built = built.current(models.VariableOption(True, variable.all_label, ""))
    return built


def _panel(panel: Panel, mark: str) -> AnyPanel:
    built = _DRAWINGS[panel.drawing](panel)
    return (
        built.title(mark + panel.question)
        .description(panel.advice + (RESERVE if panel.frequency else ""))
        .datasource(SOURCE)
        .targets([_Target(panel)])
        .span(24 if panel.drawing == "table" else WIDTH)
        .height(HEIGHT)
        .no_value("Aucun chiffre : ce n’est pas un zéro")
    )


class _Target(builder.Builder[Dataquery]):
    """A builder of the one statement of a panel (the shape that the plugin stores)."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def build(self) -> UnknownDataquery:
        """Return the target."""
        return UnknownDataquery(
            {
                "refId": "A",
                "datasource": SOURCE.to_json(),
                "rawSql": self._panel.sql(write),
                "queryType": "table",
                "format": TABLE_FORMAT,
                "editorType": "sql",
            }
        )


def _properties(**values: object) -> list[models.DynamicConfigValue]:
    return [models.DynamicConfigValue(id_val.replace("__", "."), v) for id_val, v in values.items()]


def _formatted(field: Field) -> list[models.DynamicConfigValue]:
    given: dict[str, object] = {}
    if field.kind in UNITS:
        given["unit"] = UNITS[field.kind]
    if field.kind in DECIMALS:
        given["decimals"] = DECIMALS[field.kind]
    return _properties(**given)


def _curve(panel: Panel) -> timeseries.Panel:
    field = panel.field(panel.y)
    built = timeseries.Panel().line_width(2).span_nulls(False).legend(_legend())
    if field.kind in UNITS:
        built = built.unit(UNITS[field.kind])
    if panel.drawing == "columns":
        return built.draw_style(kinds.GraphDrawStyle.BARS).fill_opacity(80).decimals(0)
    if panel.drawing == "dots":
        return built.draw_style(kinds.GraphDrawStyle.POINTS).point_size(7)
    if panel.drawing == "band":
        low, high = panel.field(panel.low).label, panel.field(panel.high).label
        quiet = {"custom__lineWidth": 0, "custom__hideFrom": {"legend": True}}
        return (
            built.min(0)
            .max(100)
            .show_points(kinds.VisibilityMode.ALWAYS)
            .override_by_name(low, _properties(**quiet, custom__showPoints="never"))
            .override_by_name(
                high,
                _properties(**quiet, custom__showPoints="never", custom__fillBelowTo=low),
            )
        )
    return built


def _bars(panel: Panel) -> barchart.Panel:
    built = (
        barchart.Panel()
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .x_field(panel.field(panel.x).label)
        .legend(_legend())
        .show_value(kinds.VisibilityMode.AUTO)
        .decimals(1)
        .min(0)
    )
    if panel.drawing == "shares":
        return built.stacking(kinds.StackingMode.NORMAL)
    shown = {panel.x, panel.y}
    for field in panel.fields:
        if field.name not in shown:
            hidden = _properties(custom__hideFrom={"viz": True, "legend": True, "tooltip": False})
            built = built.override_by_name(field.label, hidden)
    return built.max(100)


def _rows(panel: Panel) -> table.Panel:
    built = table.Panel().show_header(True).cell_height(kinds.TableCellHeight.SM)
    for field in panel.fields:
        if properties := _formatted(field):
            built = built.override_by_name(field.label, properties)
    return built


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(kinds.LegendDisplayMode.LIST)
        .placement(kinds.LegendPlacement.BOTTOM)
    )


_DRAWINGS: Mapping[str, Callable[[Panel], AnyPanel]] = {
    "band": _curve,
    "line": _curve,
    "columns": _curve,
    "dots": _curve,
    "shares": _bars,
    "intervals": _bars,
    "table": _rows,
}


def dashboards() -> dict[Path, str]:
    """Return the dashboards to commit, path from the root of the repository → JSON."""
    return {
        Path("deploy/grafana") / installation / f"{board.slug}.json": rendered(board, installation)
        for board in DASHBOARDS
        for installation in ("live", "simulation")
    }
