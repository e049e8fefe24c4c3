"""Slides (PPTX, 16:9): each says whose figures it shows, of when, in which unit, from which source.

In a simulation each says that too.

Words and tables are PowerPoint's own, to be copied and corrected; charts are pictures.
"""

import io
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from libs.charts import picture as charts
from libs.charts.style import PALETTE
from libs.french import typography

WIDTH, HEIGHT, MARGIN = 33.867, 19.05, 1.5
"""Centimetres of a slide; the margin of all that stands on it."""
FONT = "Arial"
ROWS_AT_MOST = 15
"""Lines of a table that can be read on a wall."""
INVENTED = "SIMULATION, chiffres inventés"


class Deck:
    """Slides that are made one after the other; `source` stands on each."""

    def __init__(self, source: str, *, simulation: bool) -> None:
        # Loaded when slides are first asked for: a second that the start does not take.
        self._made: Any = import_module("pptx").Presentation()
        self._units: Any = import_module("pptx.util")
        self._color: Any = import_module("pptx.dml.color").RGBColor
        self._source, self._simulation = source, simulation
        self._made.slide_width, self._made.slide_height = self._cm(WIDTH), self._cm(HEIGHT)
        self._slide: Any = None

    def slide(self, title: str, about: str) -> None:
        """Begin a slide: its title, then `about`: whose figures, which network, month and unit."""
        self._slide = self._made.slides.add_slide(self._made.slide_layouts[5])
        name = self._slide.shapes.title
        name.left, name.top = self._cm(MARGIN), self._cm(0.9)
        name.width, name.height = self._cm(WIDTH - 2 * MARGIN), self._cm(1.9)
        self._write(name.text_frame, [(title, 28, True, "ink")])
        self.words([(about, 14, False, "soft")], top=2.8, height=1.0)
        mark = f"{INVENTED} · " if self._simulation else ""
        self.words([(f"{mark}Source : {self._source}", 10, False, "soft")], top=17.8, height=0.9)
        if self._simulation:
            self.words([("SIMULATION", 14, True, "other")], top=0.2, height=0.8)

    def words(
        self,
        said: Sequence[tuple[str, int, bool, str]],
        *,
        top: float,
        height: float,
        left: float = MARGIN,
        width: float = WIDTH - 2 * MARGIN,
    ) -> None:
        """Write paragraphs (text, points, bold, colour of the palette) into a box, in cm."""
        box = self._slide.shapes.add_textbox(*map(self._cm, (left, top, width, height)))
        self._write(box.text_frame, said)

    def picture(self, svg: str, words: str, *, left: float, top: float, height: float) -> None:
        """Put a chart at its place, with the same in words for who does not see it."""
        shape = self._slide.shapes.add_picture(
            io.BytesIO(charts.png(svg)), self._cm(left), self._cm(top), height=self._cm(height)
        )
        # python-pptx has no name of its own for the text of a picture.
        shape._element.nvPicPr.cNvPr.set("descr", typography(words))

    def table(self, head: Sequence[str], lines: Sequence[Sequence[str]], *, top: float) -> None:
        """Write a table, the first lines of it."""
        rows = [head, *lines[:ROWS_AT_MOST]]
        size = (MARGIN, top, WIDTH - 2 * MARGIN, 0.8 * len(rows))
        shape = self._slide.shapes.add_table(len(rows), len(head), *map(self._cm, size))
        for place, cells in enumerate(rows):
            for column, text in enumerate(cells):
                cell = shape.table.cell(place, column)
                cell.margin_top = cell.margin_bottom = self._cm(0.05)
                cell.fill.background()
                self._write(cell.text_frame, [(text, 12, not place or not column, "ink")])

    def content(self) -> bytes:
        """Return the file."""
        file = io.BytesIO()
        self._made.save(file)
        return file.getvalue()

    def _write(self, frame: Any, said: Sequence[tuple[str, int, bool, str]]) -> None:
        frame.word_wrap = True
        for place, (text, points, bold, color) in enumerate(said):
            paragraph = frame.paragraphs[0] if not place else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = typography(text)
            run.font.name, run.font.size, run.font.bold = FONT, self._units.Pt(points), bold
            run.font.color.rgb = self._color.from_string(PALETTE[color].removeprefix("#").upper())
            paragraph.alignment = import_module("pptx.enum.text").PP_ALIGN.LEFT

    def _cm(self, value: float) -> int:
        return int(self._units.Cm(value))
