"""Names of hosts: one form for each, in ASCII, whatever alphabet people type it in."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

_HOST = re.compile(r"(?=.{4,253}$)([a-z\d]([a-z\d\-]{0,61}[a-z\d])?\.)+[a-z][a-z\d\-]*[a-z\d]")
_DOTS = str.maketrans("。｡．", "...")


@lru_cache(maxsize=4096)
def ascii_host(text: str) -> str | None:
    """Return a host in lower case, accents in punycode (« écommoy.fr » is `xn--commoy-9ua.fr`).

    Labels begin and end with a letter or a digit, the last one begins with a letter (RFC 1123), so
    that no number is a host; null for anything else. Composed letters are one with the letter and
    its accent (NFKC, as IDNA has it); « ß » is a letter of its own (IDNA 2008).
    """
    folded = unicodedata.normalize("NFKC", text.translate(_DOTS)).lower().rstrip(".")
    labels = [_ascii_label(label) for label in folded.split(".")]
    host = ".".join(labels)
    return host if _HOST.fullmatch(host) else None


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    if not all(sign == "-" or unicodedata.category(sign)[0] in "LMN" for sign in label):
        return ""
    return f"xn--{label.encode('punycode').decode()}"


def parts_of(address: str | None) -> SplitResult:
    """Return the parts of an address that a stranger wrote; of what is none, all are empty.

    `urlsplit` raises for `http://[` and for signs that are others in a host (« ℀.fr »).
    """
    try:
        return urlsplit(address or "")
    except ValueError:
        return SplitResult("", "", "", "", "")


def web_address(address: str | None) -> str | None:
    """Return an address that a page may link to: strangers also write `javascript:` and `data:`."""
    parts = parts_of(address)
    return address if parts.scheme in ("http", "https") and parts.netloc else None
