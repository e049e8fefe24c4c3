"""Recording rules and alerts as Prometheus reads them, rendered from `contracts/operations/`.

The same rules with every duration shortened by one factor are what the tests let fire: nothing else
differs.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from contracts.operations.alerting import all_alerts
from contracts.operations.objectives import OBJECTIVES, RECORDED, windows

RUNBOOKS = "https://forge.example.fr/observatoire/-/blob/main/docs/runbooks"
"""Where runbooks are read, as a link of each alert. To be changed here, for your copy of this
repository: `make contracts` then writes it into the rules of Prometheus and of the cluster."""

PATH = Path("deploy/prometheus/rules/observatoire.yaml")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WINDOW = re.compile(r"(\[|offset )(\d+)([smhd])")


def rules(shortened: float = 1.0) -> dict[str, Any]:
    """Return the groups of rules; durations divided by `shortened` (names stay)."""
    recording = [
        {
            "record": f"{RECORDED}_{window}",
            "expr": _within(objective.errors(window), shortened),
            "labels": {"objective": objective.slug},
        }
        for objective in OBJECTIVES
        for window in windows()
    ]
    alerting: list[dict[str, Any]] = []
    for alert in all_alerts():
        lasting = duration(alert.lasting, shortened)
        alerting.append(
            {
                "alert": alert.name,
                "expr": _within(alert.condition, shortened),
                **({} if lasting == "0s" else {"for": lasting}),
                "labels": {"waits": alert.waits, **alert.labels},
                "annotations": {
                    "summary": alert.summary,
                    "monday": f"Peut attendre lundi : {alert.waits}",
                    "runbook_url": f"{RUNBOOKS}/{alert.runbook}.md",
                },
            }
        )
    return {
        "groups": [
            {"name": "observatoire-objectives", "rules": recording},
            {"name": "observatoire-alerts", "rules": alerting},
        ]
    }


def rendered(shortened: float = 1.0) -> str:
    """Return the file of rules."""
    head = "# Written from contracts/operations/ by `make contracts`: change it there.\n"
    return head + yaml.safe_dump(rules(shortened), allow_unicode=True, sort_keys=False, width=100)


def duration(said: str, shortened: float = 1.0) -> str:
    """Return a duration as Prometheus writes it, divided; never less than a second but for 0."""
    seconds = int(said[:-1]) * _UNITS[said[-1]]
    if shortened == 1.0 and seconds:
        return said
    return f"{max(1, round(seconds / shortened)) if seconds else 0}s"


def _within(expression: str, shortened: float) -> str:
    if shortened == 1.0:
        return expression
    return _WINDOW.sub(
        # A rate needs two samples, whatever the window.
        lambda found: f"{found[1]}{max(4, round(int(found[2]) * _UNITS[found[3]] / shortened))}s",
        expression,
    )
