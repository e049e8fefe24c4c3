from pathlib import Path

import pytest

from libs.settings import Settings
from services.api.web.rendering import FOLDER
from tests.api.conftest import client_of
from tests.portal.test_pages import text_of

SHEET = Path(FOLDER / "static" / "portail.css")


async def test_a_printed_territory_says_whence_when_and_where(portal):
    words = text_of((await portal.get("/territoires/00101")).text)
    assert "chiffres inventés · Essai-sur-Onde, Bluesky, octobre 2026" in words
    assert "/territoires/00101" in words


async def test_a_live_page_prints_no_mark(places, figures, store):
    async with client_of(Settings(installation="live"), places, figures, store) as live:
        words = text_of((await live.get("/donnees")).text)
    assert "Observatoire · édité le" in words
    assert "SIMULATION" not in words


@pytest.mark.parametrize(("kept", "group"), [(".ribbon", "header"), (".printed", "footer")])
def test_what_marks_a_printed_page_is_on_each(kept, group):
    printed = SHEET.read_text(encoding="utf-8").split("@media print {")[1]
    rule = next(line for line in printed.splitlines() if line.strip().startswith(f"{kept} {{"))
    assert f"display: table-{group}-group" in rule
    assert "print-color-adjust: exact" in printed
