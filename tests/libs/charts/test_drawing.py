"""A drawing is one file, for the portal and for Grafana; who makes pictures loads no SDK."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from contracts.panels import ma_collectivite
from contracts.panels.panel import Drawing
from libs.charts.drawing import drawing_of

LOADED = "import sys, services.api.app, libs.charts.picture; print(*sys.modules)"


@pytest.mark.parametrize("name", get_args(Drawing))
def test_a_drawing_has_a_file_that_says_both_ways(name):
    panel: Any = SimpleNamespace(drawing=name)
    drawing = drawing_of(panel)
    assert drawing.grafana is not None
    assert (drawing.vega is None) == (name == "table")


def test_the_api_loads_no_builders_of_grafana():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, check=True, text=True
    )
    modules = done.stdout.split()
    assert "libs.charts.drawing" in modules
    assert not [one for one in modules if one.startswith("grafana_foundation_sdk")]


def test_a_day_alone_is_a_point():
    (panel,) = [one for one in ma_collectivite.DASHBOARD.panels if one.drawing == "line"]
    values = [{panel.x: f"2026-11-{day}", panel.y: 438} for day in (23, 24)]
    marks = [drawing_of(panel).vega(panel, some, None).to_dict()["mark"]["point"]
             for some in (values[:1], values)]  # fmt: skip
    assert marks == [True, False]
