"""How wide words are in Arial, and pictures whose words stay that wide whatever the fonts.

A picture is laid out with Arial's widths; where a reader's machine has none of the fonts named,
another, a fifth wider, would be cut or run into its neighbour: each text is told its width.
"""

import html
import re
from collections.abc import Mapping

UNKNOWN = 556
"""Of a character that is not listed: that of a figure."""

REGULAR = {
    191: "'",
    222: "ijl‘’",
    260: "|",
    278: " !,./:;I[\\]ft·ÎÏîï\u00a0",
    333: "()-`r°“”ʳ",
    355: '"',
    500: "Jcksvxyzçÿ",
    584: "+<=>~±×÷−",
    611: "FTZ",
    667: "&ABEKPSVXYÀÂÈÉÊË",
    722: "CDHNRUwÇÙÛÜ",
    778: "GOQÔÖ",
    833: "Mm",
    889: "%",
    944: "Wœ",
    1000: "ÆŒ—…",
    200: "\u202f",
}
BOLD = {
    238: "'",
    278: " ,./I\\ijl·ÎÏîï‘’\u00a0",
    333: "!()-:;[]`ft°ʳ",
    389: "r",
    474: '"',
    500: "z“”",
    584: "+<=>~±×÷−",
    611: "?FLTZbdghnopquôöùûü",
    667: "EPSVXYÈÉÊË",
    722: "&ABCDHKNRUÀÂÇÙÛÜ",
    778: "GOQwÔÖ",
    833: "M",
    889: "%m",
    944: "Wœ",
    1000: "ÆŒ—…",
    200: "\u202f",
}
"""Thousandths of the size of letters, the characters of each width (Arial, Helvetica)."""

TEXT = re.compile(r'<text (?P<said>[^>]*font-size="(?P<size>[\d.]+)px"[^>]*)>(?P<text>[^<]{2,})<')


def _by_character(widths: Mapping[int, str]) -> dict[str, int]:
    return {one: width for width, characters in widths.items() for one in characters}


WIDTHS = {False: _by_character(REGULAR), True: _by_character(BOLD)}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a text is at a size, both in pixels."""
    known = WIDTHS[bold]
    return sum(known.get(one, UNKNOWN) for one in text) * size / 1000


def held(picture: str) -> str:
    """Write into each text of a picture how wide it is: no font makes it wider."""
    return TEXT.sub(_held, picture)


def _held(found: re.Match[str]) -> str:
    text, said = html.unescape(found["text"]), found["said"]
    wide = width(text, float(found["size"]), bold='font-weight="bold"' in said)
    asked = f'textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f"<text {asked} {said}>{found['text']}<"
