"""Professional addresses: read, kept as keyed hashes, and the territories that they speak for."""

import hmac
from functools import lru_cache

from contracts.channels import BY_SCHEME
from contracts.territories import Territories
from libs.matching.words import line
from libs.settings import Settings
from services.api.store.agents.entitled import EVERYWHERE, Mailbox, Role

STATE = "gouv.fr"
"""Agents of the State enter, for no territory unless the operator says which."""

OPERATOR = "jeton de l’opérateur"
"""How whoever signed in by the operator's token is shown: no address is shown so."""

INVENTED = "example"
"""Where the invented territories have their domains (RFC 2606)."""

_SIMULATION = "a key that everybody knows, as everything is invented"


def key_of(settings: Settings) -> str | None:
    """Return the key of agents' hashes; None where no agent may sign in."""
    return settings.agents_key or (_SIMULATION if settings.simulation else None)


def keyed(key: str, what: str, value: str) -> str:
    """Return a hash that nobody without the key can make, or compare with what they guess.

    `what` keeps hashes of addresses, links, browsers and sessions apart.
    """
    return hmac.new(key.encode(), f"{what}\0{value}".encode(), "sha256").hexdigest()


def mailbox_of(key: str, typed: str) -> tuple[Mailbox, str] | None:
    """Return a mailbox and its address (`mailto:…`), as typed by somebody; None for none."""
    channel = BY_SCHEME["mailto"]
    address = channel.address(typed.strip().lower())
    if address is None:
        return None
    mailbox = address.removeprefix("mailto:")
    shown = channel.shown(address, masked=True)
    return Mailbox(keyed(key, "address", mailbox), mailbox.rpartition("@")[2], shown), address


def operator_mailbox(key: str, token: str | None) -> Mailbox:
    """Return whom a token of the operator signs in: another token, somebody else."""
    digest = keyed(key, "operator", token or "")
    return Mailbox(digest, f"operator {digest}", OPERATOR)


def hashed(key: str, typed: str) -> str | None:
    """Return the keyed hash of an address, as it is looked for; None for what is none."""
    found = mailbox_of(key, typed)
    return found[0].key if found else None


def may_enter(domain: str, roles: dict[str, Role]) -> bool:
    """Tell whether an address may enter: what it may do once there is another matter."""
    return any(role != "none" for role in roles.values()) or (
        (domain == STATE or domain.endswith(f".{STATE}")) and roles.get(EVERYWHERE) != "none"
    )


def invented_roles(places: Territories, domain: str) -> dict[str, Role]:
    """Return the role of an invented domain: `essai-sur-onde.example` is Essai-sur-Onde's."""
    code = _invented(places).get(domain)
    return {code: "writing"} if code else {}


def invented_domain(name: str) -> str:
    """Return the domain of an invented territory, by its name."""
    return f"{'-'.join(line(name).decode().split())}.{INVENTED}"


@lru_cache(2)
def _invented(places: Territories) -> dict[str, str]:
    """Return domain → code; one that two territories would have is nobody's."""
    found: dict[str, list[str]] = {}
    for one in places:
        if one.origin == "simulation":
            found.setdefault(invented_domain(one.nom), []).append(one.code)
    return {domain: codes[0] for domain, codes in found.items() if len(codes) == 1}
