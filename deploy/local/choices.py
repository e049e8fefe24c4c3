"""The options of a demonstration, and the secrets that it makes."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.networks import NETWORKS
from libs.sealing import new_pair, public_of

PORTAL_PORT = 8000
PORTAL_PORT_SETTING = "OBSERVATOIRE_DEMO_PORT"
MAIL_PORT = 8025
MAIL_PORT_SETTING = "OBSERVATOIRE_DEMO_MAIL_PORT"
TERRITORIES = 2000
INVENTED_APPLICATIONS = {
    network.slug: {"client_id": f"essai-{network.slug}", "client_secret": f"essai-{network.slug}"}
    for network in NETWORKS
    if network.consent
}
"""Our applications at the invented networks, by which accounts are connected."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person may choose of a demonstration."""

    folder: Path
    portal_port: int = PORTAL_PORT
    catchers_port: int = MAIL_PORT
    territories: int = TERRITORIES
    without: frozenset[str] = frozenset()


def operator_token(folder: Path) -> str:
    """Return the operator's token of this demonstration."""
    return _made_once(folder / "operator-token", lambda: secrets.token_urlsafe(24))


def recipients_key(folder: Path) -> str:
    """Return the private key to which this demonstration seals recipients."""
    return _made_once(folder / "recipients-key", lambda: new_pair()[0])


def connecting(folder: Path) -> dict[str, str]:
    """Return the settings by which agents connect accounts: applications, keys of this folder."""
    key = _made_once(folder / "tokens-key", lambda: new_pair()[0])
    return {
        "OBSERVATOIRE_NETWORK_APPLICATIONS": json.dumps(INVENTED_APPLICATIONS),
        "OBSERVATOIRE_TOKENS_PRIVATE_KEYS": json.dumps([key]),
        "OBSERVATOIRE_TOKENS_PUBLIC_KEY": public_of(key),
    }


def _made_once(path: Path, make: Callable[[], str]) -> str:
    """Return what is kept in a file, made at first and readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text()
