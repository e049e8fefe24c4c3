"""What the terminal shows while the demonstration starts: a line a thing, bars where it counts."""

import time
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from deploy.local.supervision.lines import say

_EVERY = 10.0
"""Seconds between two lines about a thing that goes on, where the output is no terminal."""
_ROOMY = 100
"""Columns from which the bars have all their length."""


class _Count(ProgressColumn):
    """``12/45`` where there is something to count, the seconds once it is done."""

    def render(self, task: Any) -> Text:
        """Return what stands at the end of a line."""
        if task.finished:
            return Text(f"{task.fields['seconds']:.1f}\u202fs".replace(".", ","), style="dim")
        if task.total is None:
            return Text("")
        return Text(f"{task.completed:.0f}/{task.total:.0f}", style="dim")


class Terminal:
    """A live display on a terminal; plain lines where the output is not one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24 if console.width >= _ROOMY else 12),
            _Count(Column(no_wrap=True)),
            console=console,
        )
        self._lines: dict[str, TaskID] = {}
        self._titles: dict[str, str] = {}
        self._told: dict[str, float] = {}
        if console.is_terminal:
            self._live.start()

    def began(self, name: str, title: str) -> None:
        """Add a line."""
        self._titles[name] = title
        self._told[name] = time.monotonic()
        if self._live.live.is_started:
            self._lines[name] = self._live.add_task(title, total=None, seconds=0.0)

    def progressed(self, name: str, done: int, wanted: int) -> None:
        """Move its bar; without bars, say now and then how far it is."""
        if name in self._lines:
            self._live.update(self._lines[name], completed=done, total=wanted)
        elif name in self._titles and time.monotonic() - self._told[name] > _EVERY:
            self._told[name] = time.monotonic()
            self._console.print(f"… {self._titles[name]}\u00a0: {done}/{wanted}", highlight=False)

    def ended(self, name: str, seconds: float) -> None:
        """Tick it."""
        if name in self._lines:
            self._live.update(self._lines[name], completed=1, total=1, seconds=seconds)
        elif name in self._titles:
            self._console.print(f"✓ {self._titles[name]} ({seconds:.1f}\u202fs)".replace(".", ","))

    def said(self, sentence: str) -> None:
        """Print a sentence; where nothing can be written (no room, no terminal left), go on."""
        with suppress(OSError):
            say(self._console, sentence)

    def close(self) -> None:
        """Leave the lines as they are; what ends from now on is told in a line of its own."""
        self._live.stop()
        self._lines.clear()
