import re

import pytest

CARDS = re.compile(r'<table class="cards">.*?</table>', re.DOTALL)


@pytest.mark.parametrize(
    ("path", "tables"), [("/territoires/00101", 2), ("/sources", 2), ("/donnees", 4)]
)
async def test_a_row_shown_as_a_card_names_its_cells(portal, path, tables):
    found = CARDS.findall((await portal.get(path)).text)
    assert len(found) == tables
    for table in found:
        head, body = table.split("<tbody>")
        names = set(re.findall(r"<th[^>]*>([^<]+)</th>", head))
        cells = re.findall(r"<td([^>]*)>", body)
        assert cells
        for cell in cells:
            label = re.search(r'data-label="([^"]+)"', cell)
            assert label is not None, cell
            assert label[1] in names
