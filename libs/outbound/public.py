"""Which addresses are of the public Internet: an address that somebody gave leads nowhere else."""

import errno
import ipaddress
import socket
from typing import Any

import httpx

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Where a network without IPv4 finds the IPv4 Internet (RFC 6052): the last 32 bits decide."""

REFUSED = tuple(
    map(
        ipaddress.ip_network,
        ("::/96", "::ffff:0:0/96", "64:ff9b:1::/48", "2002::/16", "192.88.99.0/24", "fec0::/10"),
    )
)
"""IPv4 in IPv6 by compatibility, mapping, local NAT64 (RFC 8215) and 6to4 (RFC 7526), which no
public name needs; site-local addresses (RFC 3879)."""


class Forbidden(Exception):
    """An address that no public server has: one of a private network, or of no web scheme."""


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public Internet. Raises `ValueError` for none."""
    ip = ipaddress.ip_address(address)
    if ip in NAT64:
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in REFUSED)


def check(url: httpx.URL) -> None:
    """Raise `Forbidden` for what is no public web address.

    The host is read as it will be called, with odd digits and dots made plain; what a name leads
    to is checked when it is called.
    """
    host = url.raw_host.decode("ascii")
    if url.scheme not in ("http", "https") or not host:
        raise Forbidden(f"not a web address: {host or str(url)[:80]}")
    try:
        public = is_public(host.strip("[]"))
    except ValueError:  # a name, unless the system reads it as a number (127.1, 0x7f000001)
        try:
            socket.inet_aton(host.rstrip("."))
        except OSError:
            return
        public = False
    if not public:
        raise Forbidden(f"an address of a private network: {host}")


def public_socket(address: tuple[Any, ...]) -> socket.socket:
    """Open a socket for an address found by a resolver (as `getaddrinfo` gives it), if public.

    It is the address that the socket is then connected to. Raises `OSError` for another.
    """
    family, kind, protocol, _, reached = address
    if not is_public(reached[0]):
        raise OSError(errno.EACCES, f"{reached[0]} is no public address")
    return socket.socket(family, kind, protocol)
