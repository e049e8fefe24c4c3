"""What explains a step in a curve: marks that Grafana writes on those of every dashboard."""

from dataclasses import dataclass

from contracts.operations.metrics import BUILD_INFO
from contracts.panels.panel import Write


@dataclass(frozen=True, slots=True)
class Annotation:
    """Rows of the view `annotations` with one tag, by a colour of Grafana."""

    title: str
    tag: str
    color: str

    def sql(self, write: Write) -> str:
        """Return the statement: when, what, under which tag."""
        days = f"date_from={write('date_from')}, date_to={write('date_to')}"
        return (
            f"SELECT at AS time, text, tag AS tags FROM {VIEW}({days}) "  # noqa: S608
            f"WHERE tag = '{self.tag}'"
        )


VIEW = "annotations"
ANNOTATIONS = (
    Annotation("Mois publiés", "mois", "blue"),
    Annotation("Méthodologies", "méthodologie", "purple"),
    Annotation("Ruptures", "rupture", "orange"),
)
_VERSIONS = f"count by (version) ({BUILD_INFO.shown})"
DEPLOYED = f"{_VERSIONS} unless count by (version) ({BUILD_INFO.shown} offset 5m)"
"""A version that nobody ran five minutes before: dashboards of operations show deployments."""
