"""The brokers of a setting, and how one speaks to them: plain inside, TLS and a user on a cluster.

`host:port,host:port`, or `kafkas://USER@host:port,host:port?ca=FILE&password=FILE`: TLS by the
authority of a PEM file (the machine's own without), and SCRAM-SHA-512 by a user whose password is
in a file. No secret stands in the address.
"""

import ssl
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

SECURE = "kafkas://"


class WrongAddress(ValueError):
    """An address of brokers that cannot be read as one; the message says why."""


def servers_of(kafka_url: str) -> list[str]:
    """Return the brokers, `host:port` each."""
    _, _, rest = kafka_url.rpartition("://")
    return rest.partition("?")[0].rpartition("@")[2].split(",")


def connection(kafka_url: str) -> dict[str, Any]:
    """Return what every client of aiokafka is told: where brokers are, how to speak to them.

    Raises `WrongAddress` for a file that is not there.
    """
    servers = {"bootstrap_servers": servers_of(kafka_url)}
    if not kafka_url.startswith(SECURE):
        return servers
    user, at, _ = kafka_url.removeprefix(SECURE).partition("?")[0].rpartition("@")
    secure = servers | {"security_protocol": "SSL", "ssl_context": context_of(kafka_url)}
    if not at:
        return secure
    return secure | {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": _text(kafka_url, "password"),
    }


def context_of(kafka_url: str) -> ssl.SSLContext | None:
    """Return whom to trust, None where nothing is secure."""
    if not kafka_url.startswith(SECURE):
        return None
    file = _asked(kafka_url, "ca")
    return _context(_text(kafka_url, "ca") if file else None)


@cache
def _context(authority: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority)


def _asked(kafka_url: str, name: str) -> str | None:
    return next(iter(parse_qs(kafka_url.partition("?")[2]).get(name, ())), None)


def _text(kafka_url: str, name: str) -> str:
    file = _asked(kafka_url, name)
    if file is None:
        raise WrongAddress(f"KAFKA_URL names a user, and no file of a {name}: add {name}=FILE")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WrongAddress(f"KAFKA_URL: the file of its {name} cannot be read: {error}") from error
