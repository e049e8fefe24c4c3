"""Texts of ours, written in Markdown, as pages show them."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

FRAME = (
    '<div class="scroll" tabindex="0" role="region" aria-label="Tableau {number}">'
    "<table>{table}</table></div>"
)
"""Tables of a text scroll by themselves on a narrow screen, by keyboard too."""


NUMBERED = re.compile(r"<(h2|p)>(\d+(?:\.\d+)?)\. ")
"""What begins with a number can be led to by it: /methodologie#6.3."""


@cache
def as_html(written: str) -> Markup:
    """Return a text of ours, written in Markdown, as HTML."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = NUMBERED.sub(r'<\1 id="\2">\2. ', markdown.render(written))
    before, *tables = text.replace("<th>", '<th scope="col">').split("<table>")
    framed = [before]
    for number, table in enumerate(tables, 1):
        body, _, after = table.partition("</table>")
        framed.append(FRAME.format(number=number, table=body) + after)
    return Markup("".join(framed))  # noqa: S704
