"""« Comparer »: who is compared, curves side by side, sentences to copy, pictures to take away."""

import re
from dataclasses import replace
from html import unescape

import pytest

from contracts.kpis import KPIS
from contracts.networks import BY_SLUG
from services.api.figures.rows import MonthScore
from services.api.files import redistribution
from services.api.pages.territories.comparing import ACCOUNTS, Measured
from services.api.pages.territories.comparison_slides import dots
from tests.portal.test_pages import text_of
from tests.portal.test_sentences import plain
from tests.portal.test_sheets import slides_of

PAGE = "/comparer/00101?reseau=bluesky"
HISTORY = [
    dict.fromkeys(MonthScore.model_fields)
    | {
        "period": f"2026-{month:02}", "score": 50 + month, "low": 40, "high": 70, "state": "final",
        "methodology": "2026-2", "revision": 1, "origin": "simulation",
    }
    for month in (8, 9, 10)
]  # fmt: skip
"""A year of whoever is asked for, as short as it may be."""

LIST = f"{PAGE}&avec=00105,00104"


async def test_each_figure_has_a_sentence_to_copy(portal):
    page = (await portal.get(PAGE)).text
    copied = [text_of(one) for one in re.findall(r'<p class="copy">(.*?)</p>', page)]
    assert len(copied) == page.count('class="ruler"') + 1
    for one in copied:
        for there in ("sur 100, entre", "Bluesky, octobre 2026", "Source : Observatoire", "2026-2"):
            assert there in one
        assert "SIMULATION" in one
        assert "/comparer/00101?" in one
    assert all("mieux que" in one and "médiane" in one for one in copied[:-1])


async def test_an_address_that_is_copied_gives_the_same_view(portal):
    page = (await portal.get(LIST)).text
    (address,) = set(re.findall(r"(/comparer/00101\?[^ <]+)</p>", unescape(page)))
    again = (await portal.get(address)).text
    assert re.findall(r"<td.*?</td>", page) == re.findall(r"<td.*?</td>", again)


async def test_a_telephone_shows_the_best_and_those_around_ones_own_first(portal):
    """The others are one press away, without a script; wide screens show all."""
    table = re.search(
        r'<details class="whole">.*?</details>\s*<div class="scroll"[^>]*>\s*<table.*?</table>',
        (await portal.get(PAGE)).text,
        re.DOTALL,
    )
    assert table is not None, "the rule that hides lines needs the table right after"
    rows = re.findall(r"<tr([^>]*)><th", table[0].partition("<tbody>")[2])
    shown = [place for place, one in enumerate(rows) if "far" not in one]
    (own,) = [place for place, one in enumerate(rows) if "ma-ligne" in one]
    assert len(rows) > 20
    assert shown == sorted({0, 1, 2, *range(own - 2, own + 3)} & {*range(len(rows))})
    few = (await portal.get(LIST)).text
    assert 'class="whole"' not in few
    assert "far" not in re.findall(r'<tr class="(\w+)"', few)


async def test_none_ticked_is_told(portal):
    told = [
        "Cochez au moins" in (await portal.get(PAGE + more)).text for more in ("&cochees=1", "")
    ]
    assert told == [True, False]


@pytest.mark.parametrize(("of", "tourism"), [("", 0), ("tourisme", 1), ("tous", None)])
async def test_tourist_offices_are_compared_apart(portal, figures, of, tourism):
    listed = (await portal.get(f"{PAGE}&comptes=tous")).text
    some = re.search(r"compte=([\w-]+)", listed.partition("<tbody>")[2])
    assert some is not None
    figures.given["account_roles"] = [{"account": some[1], "role": "tourism"}]
    page = (await portal.get(f"{PAGE}&comptes={of}")).text
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr")
    everybody = listed.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr")
    assert rows == {0: everybody - 1, 1: 0, None: everybody}[tourism]
    current = re.findall(r'aria-current="true">([^<]+)<', page)
    assert ACCOUNTS[of].capitalize() in [one.capitalize() for one in current]


@pytest.mark.parametrize("asked", ["", "&avec=00105,00104"])
async def test_curves_stand_side_by_side_told_apart_without_colour(portal, figures, asked):
    figures.given["account_scores"] = HISTORY
    page = (await portal.get(PAGE + asked)).text
    (picture,) = re.findall(r'<img src="([^"]+)"', page)
    svg = (await portal.get(unescape(picture))).text
    names = (
        {"Essai-sur-Onde", "Brouillon-le-Grand", "Villemaquette"} if asked else {"Essai-sur-Onde"}
    )
    assert all(name in svg for name in names)
    dashes = set(re.findall(r'stroke-dasharray="([^"]*)"', svg))
    assert len(dashes) >= 2
    assert "SIMULATION" in svg
    png = await portal.get(unescape(picture).replace(".svg?", ".png?"))
    assert png.content.startswith(b"\x89PNG")
    assert (
        "simulation_comparaison_essai-sur-onde_bluesky_2026-10.png"
        in (png.headers["content-disposition"])
    )


@pytest.mark.parametrize(
    "address", [PAGE, "/graphiques/score_history/00101-bluesky.svg?periode=2026-10&titre=1"]
)
async def test_a_picture_that_leaves_says_what_it_is_of(portal, figures, address):
    figures.given["account_scores"] = HISTORY
    if address == PAGE:
        page = (await portal.get(address)).text
        (address,) = re.findall(r'href="(/graphiques/[^"]+titre=1)"', page)
    words = text_of((await portal.get(unescape(address))).text.replace("<svg", "<g", 1))
    for there in ("Essai-sur-Onde", "Bluesky", "octobre 2026", "points sur 100", "Observatoire"):
        assert there in words


async def test_a_group_without_scores_has_no_picture(portal, figures):
    figures.given["account_scores"] = []
    answer = await portal.get("/graphiques/comparaison/00101.svg?reseau=bluesky")
    assert answer.status_code == 404


async def test_a_comparison_is_taken_as_slides(portal, figures):
    figures.given["account_scores"] = HISTORY
    page = (await portal.get(f"{PAGE}&tri=engagement")).text
    (link,) = re.findall(r'href="(/comparer/[^"]+\.pptx[^"]*)"', page)
    answer = await portal.get(unescape(link))
    assert answer.status_code == 200
    assert "simulation_comparaison_essai-sur-onde_" in answer.headers["content-disposition"]
    found = slides_of(answer.content)
    assert len(found) == len(KPIS) + 2
    for one in found:
        assert "SIMULATION" in one
        assert "octobre 2026" in one
    told = dict(zip((kpi.slug for kpi in KPIS), found[1:-1], strict=True))
    copied = [text_of(one) for one in re.findall(r'<p class="copy">(.*?)</p>', page)]
    for said, slide in zip(copied, told.values(), strict=False):
        value, beaten, many = re.findall(
            r": ([^,]+(?:,\d+)?[^,]*), mieux que (\d+) comptes sur (\d+)", said
        )[0]
        assert f"mieux que {beaten} sur {many}" in plain(slide)
        assert value in plain(slide)
    assert "Essai-sur-Onde" in found[-1]


def test_the_picture_of_a_kpi_has_a_dot_an_account_and_its_mark():
    one = Measured(KPIS[0], "1", "2", 1, 3, [10.0, 20.0, 100.0], 20.0, 20.0, "3")
    drawn = dots(one, simulation=True)
    assert drawn.count("<circle") == 4
    assert "SIMULATION" in drawn
    assert "SIMULATION" not in dots(one, simulation=False)


@pytest.mark.parametrize("asked", ["", "&avec=00105,00104"])
async def test_slides_obey_the_terms_of_the_network(portal, monkeypatch, asked):
    """A list that somebody chose shows everybody on screen, never in a file."""
    closed = replace(BY_SLUG["bluesky"], redistribution="scores")
    monkeypatch.setattr(redistribution, "network_of", lambda _: closed)
    found = slides_of((await portal.get(f"/comparer/00101.pptx?reseau=bluesky{asked}")).content)
    words = plain(" ".join(found))
    raw = [kpi.label for kpi in KPIS if kpi.raw]
    assert raw
    assert not any(label in one.splitlines() for label in raw for one in found)
    assert "Score" in words


async def test_no_slides_of_a_real_place_nor_of_one_account(portal):
    for path in (
        "/comparer/62498.pptx?reseau=bluesky",
        "/comparer/00101.pptx?reseau=bluesky&groupe=epci&comptes=tourisme",
    ):
        assert (await portal.get(path)).status_code == 404
