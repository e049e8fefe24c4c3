"""What a person reads in a terminal: paragraphs wrapped between words, parts in a table.

An address is never cut, so that it can be copied, and a no-break space holds: the terminal's own
library breaks at both.
"""

from collections.abc import Iterable
from pathlib import Path
from textwrap import fill

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from deploy.local.supervision.status import WORDS, Health, PartHealth

_STYLES: dict[Health, str] = {"ok": "green", "failing": "bold red"}
_WIDE = 1_000
"""Characters: lines of a file are not folded."""

_COLUMNS = (
    ("Partie", "État", "Adresse", "Mémoire", "Journal"),
    ("Partie", "État", "Adresse", "Mémoire"),
    ("Partie", "État", "Adresse"),
    # The address beneath the name of its part.
    ("Partie", "État", "Mémoire"),
    ("Partie", "État"),
)
"""What a table shows, from the widest terminal to the narrowest."""


def say(console: Console, paragraph: str, style: str = "", **marked: str) -> None:
    """Print a paragraph; `marked` are words in it by the style they have (``bold="…"``).

    Wrapped at the width of a terminal; one line where the output is none.
    """
    if console.is_terminal:
        lines = (
            fill(line, console.width, break_long_words=False, break_on_hyphens=False)
            for line in paragraph.split("\n")
        )
        paragraph = "\n".join(lines)
    text = Text(paragraph, style)
    for mark, words in marked.items():
        text.highlight_words([words], mark)
    console.print(text, soft_wrap=True)


def show(console: Console, parts: Iterable[PartHealth]) -> None:
    """Print how parts are: as many columns as the terminal has room for, addresses whole."""
    parts = list(parts)
    if not console.is_terminal:
        console.width = _WIDE
    tables = [_table(parts, columns) for columns in _COLUMNS]
    room = console.options.update(max_width=_WIDE)
    widths = (Measurement.get(console, room, one).maximum for one in tables)
    fitting = (one for one, width in zip(tables, widths, strict=True) if width <= console.width)
    console.print(next(fitting, tables[-1]))


def _table(parts: list[PartHealth], columns: tuple[str, ...]) -> Table:
    """Return a table of some columns; addresses without one stand beneath the names."""
    beneath = "Adresse" not in columns
    table = Table(box=None, pad_edge=False)
    for title in columns:
        table.add_column(title, justify="right" if title == "Mémoire" else "left", no_wrap=True)
    for part in parts:
        address = part.address or (f"127.0.0.1:{part.port}" if part.port else "–")
        cells = {
            "Partie": Text(f"{part.title}\n  {address}" if beneath else part.title),
            "État": _state(part),
            "Adresse": Text(address),
            "Mémoire": Text(f"{part.memory_mb:.0f}\u00a0Mo" if part.memory_mb is not None else "–"),
            "Journal": Text(Path(part.log).name if part.log else "–"),
        }
        table.add_row(*(cells[title] for title in columns))
    return table


def _state(part: PartHealth) -> Text:
    state = Text(WORDS[part.health], _STYLES.get(part.health, ""))
    if part.restarts:
        state.append(f" ({part.restarts}\u00a0relance{'s' * (part.restarts > 1)})", "default")
    return state
