"""Keys and tokens of a demonstration: its own, made once, and those of invented networks."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path

from contracts.networks import NETWORKS
from libs.sealing import new_pair, public_of

INVENTED_TOKENS = {
    network.slug: network.credential or f"essai-{network.slug}"
    for network in NETWORKS
    if network.needs_token
}
"""Credentials that the invented networks take: any but an expired one."""

INVENTED_APPLICATIONS = {
    network.slug: {"client_id": f"essai-{network.slug}", "client_secret": f"essai-{network.slug}"}
    for network in NETWORKS
    if network.consent
}
"""Our applications at the invented networks, by which accounts are connected."""


def keys_and_tokens(folder: Path) -> dict[str, str]:
    """Return the settings that hold them; those made here are kept in the folder."""
    recipients = _made_once(folder / "recipients-key", lambda: new_pair()[0])
    return {
        "OBSERVATOIRE_OPERATOR_TOKEN": _made_once(
            folder / "operator-token", lambda: secrets.token_urlsafe(24)
        ),
        "OBSERVATOIRE_RECIPIENTS_PRIVATE_KEYS": json.dumps([recipients]),
        "OBSERVATOIRE_RECIPIENTS_PUBLIC_KEY": public_of(recipients),
        **_connecting(folder),
        "OBSERVATOIRE_NETWORK_TOKENS": json.dumps(INVENTED_TOKENS),
    }


def _connecting(folder: Path) -> dict[str, str]:
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
