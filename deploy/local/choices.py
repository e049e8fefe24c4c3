"""The options of a demonstration."""

from dataclasses import dataclass
from pathlib import Path

PORTAL_PORT = 8000
PORTAL_PORT_SETTING = "OBSERVATOIRE_DEMO_PORT"
MAIL_PORT = 8025
MAIL_PORT_SETTING = "OBSERVATOIRE_DEMO_MAIL_PORT"
TERRITORIES = 2000
"""Territories of the invented France."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may choose of a demonstration."""

    folder: Path
    portal_port: int = PORTAL_PORT
    catchers_port: int = MAIL_PORT
    territories: int = TERRITORIES
    without: frozenset[str] = frozenset()
