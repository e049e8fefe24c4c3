"""Electoral periods, from the calendar beside this file: they mute advice to publish more."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

CALENDAR = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True, slots=True)
class ElectoralPeriod:
    """A period of reserve; both days are in it (Europe/Paris)."""

    name: str
    opens: date
    closes: date


@cache
def calendar() -> tuple[ElectoralPeriod, ...]:
    """Return the periods of the calendar."""
    lines = cast("list[dict[str, Any]]", yaml.safe_load(CALENDAR.read_text(encoding="utf-8")))
    return tuple(ElectoralPeriod(**line) for line in lines)


def electoral_period(day: date) -> ElectoralPeriod | None:
    """Return the period that holds a day (Europe/Paris), or None."""
    return next((one for one in calendar() if one.opens <= day <= one.closes), None)
