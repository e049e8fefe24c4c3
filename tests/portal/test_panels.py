"""Panels have a place on the portal, or say why they have none."""

import re

import httpx
import pytest

from contracts.panels import DASHBOARDS
from contracts.panels.panel import Field, Panel

PAGES = ("/territoires/00101", "/territoires/00105")
"""A town of the second half of its stratum, and one of the first."""


async def test_a_panel_is_on_a_page_or_says_why_not(portal: httpx.AsyncClient) -> None:
    pages = [(await portal.get(path)).text for path in PAGES]
    drawn = {slug for page in pages for slug in re.findall(r'"/graphiques/(\w+)/', page)}
    panels = [panel for board in DASHBOARDS for panel in board.panels]
    lost = sorted(one.slug for one in panels if not one.grafana_only and one.slug not in drawn)
    assert lost == [], (
        f"no page of the portal draws {lost}: give each a place in "
        "services/api/pages/territory.py (`_figures`) and templates/territoire.html, or say in its "
        "definition why not (`grafana_only`); see docs/adding.md"
    )
    assert drawn.isdisjoint(one.slug for one in panels if one.grafana_only)


@pytest.mark.parametrize("parameters", [{"date_from": "date_from"}, {}])
def test_a_span_is_for_a_view_that_asks_from_when(parameters: dict[str, str]) -> None:
    fields = (Field("day", "Jour", "day"),)
    missing = Panel("x", "?", "v", {**parameters}, fields, "line", "", grafana_only="a try")
    assert missing.span is None
    if parameters:
        with pytest.raises(ValueError, match="span"):
            Panel("x", "?", "v", {**parameters}, fields, "line", "")
