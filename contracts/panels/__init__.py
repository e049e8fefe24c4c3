"""Panels: each a question, defined once, drawn by the portal and by Grafana."""

from contracts.panels.ma_collectivite import DASHBOARD
from contracts.panels.panel import Dashboard, Field, Panel, Variable

DASHBOARDS: tuple[Dashboard, ...] = (DASHBOARD,)

__all__ = ["DASHBOARDS", "Dashboard", "Field", "Panel", "Variable"]
