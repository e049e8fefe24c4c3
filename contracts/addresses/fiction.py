"""Addresses of what was made up: nothing of a simulation leads to a real account or post."""

from urllib.parse import urlunsplit

from contracts.addresses.hosts import parts_of

RESERVED = (".example", ".localhost", ".invalid", ".test")
"""Names that nobody can hold (RFC 2606 and 6761)."""
HERE = frozenset({"localhost", "127.0.0.1"})


def fictional(address: str) -> str:
    """Return an address as a simulation shows it: under a host that nobody can hold.

    The fictional networks speak with the real hosts, so that collectors are the real ones; a
    handle or a number that they draw may be somebody's.
    """
    parts = parts_of(address)
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host:
        return address
    if host in HERE or host.endswith(RESERVED):
        return address
    return urlunsplit(parts._replace(netloc=f"{host}.example"))


def spoken(address: str) -> str:
    """Return the address that fictional networks speak of, from one that a simulation shows."""
    parts = parts_of(address if "//" in address else f"https://{address}")
    host = (parts.hostname or "").removesuffix(".example")
    if host == parts.hostname or "." not in host:
        return address
    return urlunsplit(parts._replace(netloc=host))
