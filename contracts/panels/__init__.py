"""Panels: each a question, defined once, drawn by the portal and by Grafana."""

from contracts.panels import (
    classements,
    comparer,
    exploitation,
    ma_collectivite,
    objectifs_de_service,
    publications,
    reseaux_et_fraicheur,
    veille,
)
from contracts.panels.panel import Dashboard, Field, Panel, Place, Variable

DASHBOARDS: tuple[Dashboard, ...] = (
    ma_collectivite.DASHBOARD,
    comparer.DASHBOARD,
    classements.DASHBOARD,
    publications.DASHBOARD,
    reseaux_et_fraicheur.DASHBOARD,
    veille.DASHBOARD,
    exploitation.DASHBOARD,
    objectifs_de_service.DASHBOARD,
)

__all__ = ["DASHBOARDS", "Dashboard", "Field", "Panel", "Variable", "panels_at"]


def panels_at(*places: Place) -> tuple[Panel, ...]:
    """Return the panels that the portal draws there, once each, as their dashboards order them."""
    told = (one for board in DASHBOARDS for one in board.panels if one.place in places)
    return tuple({one.slug: one for one in told}.values())
