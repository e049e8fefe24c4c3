"""What a drawing is: a file of its name here, which says how the portal and Grafana draw it.

`vega` makes the picture, None where a page has a table in its place; `grafana` the panel. What
Grafana needs (`libs/grafana/builders.py`) is imported inside `grafana`: whoever only makes
pictures does not load its SDK.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from contracts.panels.panel import Panel
from libs.charts.style import Values

if TYPE_CHECKING:
    from libs.grafana.builders import AnyPanel


class Drawing(Protocol):
    """The file of a drawing."""

    @property
    def vega(self) -> Callable[[Panel, Values, str | None], Any] | None:
        """Return what makes the chart of some values, the one of that name standing out."""
        ...

    @property
    def grafana(self) -> Callable[[Panel], "AnyPanel"]:
        """Return what makes the panel of Grafana."""
        ...


def drawing_of(panel: Panel) -> Drawing:
    """Return how a panel is drawn. Raises `ModuleNotFoundError` for a drawing without a file."""
    return cast("Drawing", import_module(f"libs.charts.{panel.drawing}"))
