"""What Prometheus holds of a panel of operations, for the portal to draw."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import httpx

from contracts.panels.panel import Measure
from libs.french import percent

TIMEOUT_SECONDS = 10.0
PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)%")
POINTS = 120
"""Points of a curve, whatever the time that it spans."""


class PrometheusUnavailable(Exception):
    """Prometheus does not answer, or is not configured; the message says why."""


@dataclass(frozen=True, slots=True)
class Series:
    """A curve: its name, and what it was when (UTC); a moment without a value is left out."""

    name: str
    points: tuple[tuple[datetime, float], ...]


async def read(
    url: str | None,
    measure: Measure,
    span: timedelta,
    now: datetime,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Sequence[Series]:
    """Return the curves of a measure until now (the machine's, as Prometheus has it)."""
    asked = {
        "start": str((now - span).timestamp()),
        "end": str(now.timestamp()),
        "step": str(max(15, int(span.total_seconds()) // POINTS)),
    }
    found: list[Series] = []
    for legend, expression in measure.curves:
        data = await _answer(url, "query_range", {"query": expression, **asked}, transport)
        found += [_series(legend, one["metric"], one["values"]) for one in data["result"]]
    return found


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires: what it says, whether it may wait until Monday, its runbook."""

    name: str
    says: str
    monday: str
    runbook: str


async def firing(
    url: str | None, transport: httpx.AsyncBaseTransport | None = None
) -> Sequence[Firing]:
    """Return the alerts that fire now, those that cannot wait first."""
    found = (await _answer(url, "alerts", None, transport))["alerts"]
    alerts = [
        Firing(
            one["labels"]["alertname"],
            _in_french(one["annotations"].get("summary", "")),
            one["annotations"].get("monday", ""),
            one["annotations"].get("runbook_url", ""),
        )
        for one in found
        if one["state"] == "firing"
    ]
    return sorted(alerts, key=lambda one: (one.monday.endswith("oui"), one.name))


async def _answer(
    url: str | None,
    question: str,
    data: dict[str, str] | None,
    transport: httpx.AsyncBaseTransport | None,
) -> dict[str, Any]:
    """Return what Prometheus answers to a question. Raises `PrometheusUnavailable`."""
    if not url:
        raise PrometheusUnavailable("PROMETHEUS_URL n’est pas donné")
    address = f"{url.rstrip('/')}/api/v1/{question}"
    # An address of the inside: no proxy of what goes outside stands before it.
    async with httpx.AsyncClient(
        transport=transport, timeout=TIMEOUT_SECONDS, trust_env=False
    ) as client:
        try:
            answer = await client.request("POST" if data else "GET", address, data=data)
            answer.raise_for_status()
            return answer.json()["data"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise PrometheusUnavailable(type(error).__name__) from error


def _in_french(summary: str) -> str:
    """Write percentages as French does: Prometheus knows English ones alone."""
    return PERCENTAGE.sub(lambda found: percent(float(found[1]) / 100), summary)


def _series(legend: str, labels: dict[str, str], values: list[tuple[float, str]]) -> Series:
    name = re.sub(r"{{(\w+)}}", lambda label: labels.get(label[1], ""), legend)
    points = ((datetime.fromtimestamp(at, UTC), float(value)) for at, value in values)
    return Series(name, tuple((at, value) for at, value in points if isfinite(value)))
