"""What a person may choose of a demonstration, and the one secret that it makes."""

import secrets
from dataclasses import dataclass
from pathlib import Path

PORTAL_PORT = 8000
PORTAL_PORT_SETTING = "OBSERVATOIRE_DEMO_PORT"
MAIL_PORT = 8025
MAIL_PORT_SETTING = "OBSERVATOIRE_DEMO_MAIL_PORT"
TERRITORIES = 2000


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may choose of a demonstration."""

    folder: Path
    portal_port: int = PORTAL_PORT
    catchers_port: int = MAIL_PORT
    territories: int = TERRITORIES
    without: frozenset[str] = frozenset()


def operator_token(folder: Path) -> str:
    """Return the operator's token of this demonstration, made once, readable by its owner only."""
    path = folder / "operator-token"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()
