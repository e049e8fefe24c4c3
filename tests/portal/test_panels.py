"""Panels that have a place are drawn on the portal, with no line for each."""

import re

import pytest

from contracts.panels import DASHBOARDS
from contracts.panels.panel import Field, Panel

PAGES = ("/territoires/00101", "/territoires/00105")
"""A town of the second half of its stratum, and one of the first."""


async def test_the_portal_draws_the_panels_that_have_a_place(portal):
    pages = [(await portal.get(path)).text for path in PAGES]
    drawn = {slug for page in pages for slug in re.findall(r'"/graphiques/(\w+)/', page)}
    panels = [panel for board in DASHBOARDS for panel in board.panels]
    assert drawn == {one.slug for one in panels if one.place}


@pytest.mark.parametrize("parameters", [{"date_from": "date_from"}, {}])
def test_a_span_is_for_a_view_that_asks_from_when(parameters):
    fields = (Field("day", "Jour", "day"),)
    missing = Panel("x", "?", "v", {**parameters}, fields, "line", "")
    assert missing.span is None
    if parameters:
        with pytest.raises(ValueError, match="span"):
            Panel("x", "?", "v", {**parameters}, fields, "line", "", place="account")
