"""Text of others made ready to print: a sheet has the letters that its fonts have, no other sign.

A standard of printing (PDF/UA-1) refuses a file in which a sign has no drawing, and anybody may
write one: an emoji, another script, a mark that turns the line around.
"""

import re
from unicodedata import category, normalize

MISSING = "□"
"""Stands for what is not printed."""

_PRINTED = re.compile(
    r"[\n\x20-\x7e\xa0-\xac\xae-\u017f\u0192\u01fa-\u021b\u0386-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u1e00-\u1eff"
    r"\u2009\u200a\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u202f\u2030\u2039\u203a\u20ac\u2116"
    r"\u2122\u2190-\u2193\u2212\u2264\u2265\u25a1]"
)


def printable(text: str) -> str:
    """Return a text without what no font of a sheet has; a run of it is one `MISSING`."""
    kept = normalize("NFC", text)
    if _PRINTED.sub("", kept):
        kept = "".join(map(_drawn, kept))
    return re.sub(f"{MISSING}[{MISSING} ]*{MISSING}", MISSING, kept)


def _drawn(sign: str) -> str:
    """Return a sign, its plain form (a bold letter of mathematics), nothing, or `MISSING`."""
    if _PRINTED.match(sign):
        return sign
    if category(sign) in ("Cc", "Cf", "Mn", "Me", "Sk"):
        return " " if sign.isspace() else ""
    plain = normalize("NFKC", sign)
    return plain if all(map(_PRINTED.match, plain)) else MISSING
