"""Panels: each a question, defined once, drawn by the portal and by Grafana."""

from contracts.panels.ma_collectivite import DASHBOARD
from contracts.panels.panel import Dashboard, Field, Panel, Place, Variable

DASHBOARDS: tuple[Dashboard, ...] = (DASHBOARD,)

__all__ = ["DASHBOARDS", "Dashboard", "Field", "Panel", "Variable", "panels_at"]


def panels_at(*places: Place) -> tuple[Panel, ...]:
    """Return the panels that the portal draws there, in the order of their dashboards."""
    return tuple(one for board in DASHBOARDS for one in board.panels if one.place in places)
