"""What drawings ask of Grafana's own builders: curves, bars, rows, with our legend and units."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import common, dashboard
from grafana_foundation_sdk.builders.barchart import Panel as Bars
from grafana_foundation_sdk.builders.table import Panel as Rows
from grafana_foundation_sdk.builders.timeseries import Panel as Curve
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

from contracts.panels.panel import Measure, Panel

UNITS = {"ratio": "percentunit", "count": "locale", "rank": "locale", "seconds": "s"}
DECIMALS = {
    "ratio": 1, "points": 1, "per_day": 2, "times": 1, "count": 0, "rank": 0, "seconds": 0,
}  # fmt: skip

MEASURED = {"ratio": "percentunit", "count": "locale", "seconds": "s", "per_second": "ops"}

AnyPanel = Curve | Bars | Rows

style, stacking, shown = kinds.GraphDrawStyle, kinds.StackingMode, kinds.VisibilityMode


def properties(values: Mapping[str, object]) -> list[models.DynamicConfigValue]:
    """Return what is otherwise for one field, by the names that Grafana gives to options."""
    return [models.DynamicConfigValue(name, value) for name, value in values.items()]


def curve(panel: Panel) -> Curve:
    """Return a curve over time, in the unit of what it shows."""
    field = panel.field(panel.y)
    built = Curve().line_width(2).span_nulls(False).legend(_legend())
    return built.unit(UNITS[field.kind]) if field.kind in UNITS else built


def measured(measure: Measure) -> Curve:
    """Return curves of Prometheus, with a line where it is no longer well."""
    built = Curve().line_width(2).span_nulls(False).legend(_legend())
    built = built.unit(MEASURED[measure.unit])
    if measure.least != 0:  # what may go below zero is cut at no zero
        built = built.min(0)
    if measure.limit is not None:
        steps = [models.Threshold(None, "green"), models.Threshold(measure.limit, "red")]
    elif measure.least is not None:
        steps = [models.Threshold(None, "red"), models.Threshold(measure.least, "green")]
    else:
        return built
    return built.thresholds(
        dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)
    ).thresholds_style(
        common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.LINE)
    )


def bars(panel: Panel) -> Bars:
    """Return lying bars, a name each."""
    return (
        Bars()
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .x_field(panel.field(panel.x).label)
        .legend(_legend())
        .show_value(shown.AUTO)
        .decimals(1)
        .min(0)
    )


def rows(panel: Panel) -> Rows:
    """Return a table, each column in its unit."""
    built = Rows().show_header(True).cell_height(kinds.TableCellHeight.SM)
    for field in panel.fields:
        known = {
            "unit": UNITS.get(field.kind),
            "decimals": DECIMALS.get(field.kind),
            **(_beyond(field.limit) if field.limit is not None else {}),
        }
        if given := properties({name: one for name, one in known.items() if one is not None}):
            built = built.override_by_name(field.label, given)
    return built


def _beyond(limit: float) -> dict[str, object]:
    """Return what paints a cell that is beyond the limit of its column."""
    steps = [{"value": None, "color": "transparent"}, {"value": limit, "color": "red"}]
    return {
        "thresholds": {"mode": "absolute", "steps": steps},
        "custom.cellOptions": {"type": "color-background", "mode": "basic"},
    }


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(kinds.LegendDisplayMode.LIST)
        .placement(kinds.LegendPlacement.BOTTOM)
    )
