"""Rows as they are: Grafana's alone, a page has tables of its own."""

from typing import TYPE_CHECKING

from contracts.panels.panel import Panel

if TYPE_CHECKING:
    from libs.grafana.builders import Rows

vega = None


def grafana(panel: Panel) -> "Rows":
    """Return the panel of Grafana."""
    from libs.grafana.builders import rows

    return rows(panel)
