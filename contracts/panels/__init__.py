"""Panels: each a question, defined once, drawn by the portal and by Grafana."""

from pathlib import Path

from contracts.panels.grafana import rendered
from contracts.panels.ma_collectivite import DASHBOARD
from contracts.panels.panel import Dashboard, Field, Panel, Variable

DASHBOARDS: tuple[Dashboard, ...] = (DASHBOARD,)

INSTALLATIONS = ("live", "simulation")

__all__ = ["DASHBOARDS", "Dashboard", "Field", "Panel", "Variable", "generated"]


def generated() -> dict[Path, str]:
    """Return the dashboards to commit, path from the root of the repository → JSON."""
    return {
        Path("deploy/grafana") / installation / f"{board.slug}.json": rendered(board, installation)
        for board in DASHBOARDS
        for installation in INSTALLATIONS
    }
