"""E-mail."""

import re

from contracts.addresses.hosts import ascii_host
from contracts.channels.contract import ChannelContract

_ATOM = r"[A-Za-z\d!#$%&'*+/=?^_`{|}~\-]+"
_LABEL = r"[A-Za-z\d](?:[A-Za-z\d\-]{0,61}[A-Za-z\d])?"


def _written(address: str) -> str:
    """Return an address with its domain as it is sent: « écommoy.fr » is `xn--commoy-9ua.fr`."""
    mailbox, at, domain = address.rpartition("@")
    return f"{mailbox}{at}{ascii_host(domain) or domain}"


CHANNEL = ChannelContract(
    "mailto",
    "E-mail",
    "mailto:astreinte@ma-commune.example",
    # RFC 5322, 3.4.1 (dot-atom) and RFC 1035, 2.3.1: what every relay takes, without SMTPUTF8.
    # Nothing that begins as an encoded word (RFC 2047), which readers of headers decode.
    re.compile(
        rf"mailto:(?=[^@]{{1,64}}@)(?![^@]*=\?){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+(?=[A-Za-z]){_LABEL}",
    ),
    len("mailto:") + 254,  # RFC 5321, 4.5.3.1.3, by erratum 1690
    host="smtp://127.0.0.1:25",
    setting="SMTP_URL",
    prefix="mailto:",
    written=_written,
    where="sans accent avant l’arobase",
    personal=True,
)
