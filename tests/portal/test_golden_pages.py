"""All the words of five pages, kept in `pages/`: what changes in them shows in a diff.

``OBSERVATOIRE_PAGES=write pytest tests/portal/test_golden_pages.py`` writes them anew.
"""

import ast
import os
import re
from html import unescape
from pathlib import Path

import pytest

from tests.portal.test_watches import an_alert, made, some_texts

FOLDER = Path(__file__).parent / "pages"
BLOCKS = "address|article|br|button|dd|div|dt|fieldset|footer|form|h[1-6]|header|label|legend|li"
BLOCKS += "|main|nav|ol|option|p|section|summary|table|tr|ul"


def visible(page: str, of: str = "main") -> str:
    """The words that a reader sees, a line a block, spaces as typed; pictures by what they say.

    Figures that open on demand are left out: they are those of the answers that the test has.
    """
    body = page.partition(f"<{of}")[2].partition(">")[2].partition(f"</{of}>")[0]
    body = re.sub(
        r"(?s)<(style|svg)\b.*?</\1>|(?<=emporter</summary>).*?(?=</details>)",
        "",
        body.replace("<wbr>", ""),
    )
    body = re.sub(r'<img[^>]* alt="([^"]+)"[^>]*>', r"\n[\1]\n", re.sub(r"\s+", " ", body))
    words = re.sub(r"<[^>]+>", " ", re.sub(rf"</?(?:{BLOCKS})\b[^>]*>", "\n", body))
    lines = (re.sub(r"\s+", " ", line).strip() for line in unescape(words).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("home", "/"),
        ("territory", "/territoires/00101"),
        ("palmares", "/palmares?reseau=bluesky"),
        ("watch", "/veilles/{watch}"),
        ("alert", "/veilles/{watch}/alertes/alerte-1"),
    ],
)
async def test_a_page_says_what_it_said(portal, figures, name, path):
    some_texts(figures)
    watch = await made(portal)
    an_alert(figures, watch)
    answer = await portal.get(path.format(watch=watch))
    kept = FOLDER / f"{name}.txt"
    words = visible(answer.text, "body" if name == "home" else "main")
    if os.environ.get("OBSERVATOIRE_PAGES") == "write":
        kept.write_text(words, encoding="utf-8")
    assert answer.status_code == 200
    assert words == kept.read_text(encoding="utf-8"), "write pages anew: see the top of this file"


@pytest.mark.parametrize(
    "file", sorted(Path(__file__).parent.glob("*.py")), ids=lambda one: one.stem
)
def test_no_whole_sentence_is_asserted(file):
    """A word, a number or a key says as much, and lets the sentence be mended."""
    long = [
        f"{node.lineno}: {node.value}"
        for asserted in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(asserted, ast.Assert | ast.Tuple)
        for node in ast.walk(asserted)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if len(node.value) > 60 and re.search("[à-ÿ’«]", node.value)
    ]
    assert long == []
