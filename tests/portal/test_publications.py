"""« Publications »: what is found first, then a table to sort and filter, and files."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from random import Random

import pytest

from services.api.pages.territories.publications import POSTS_A_PAGE
from tests.api.world import NOW
from tests.portal.test_pages import text_of

ADDRESS = "/publications/00101"
BLUESKY = f"{ADDRESS}?compte=00101-bluesky"
WEEK = 7 * 86_400


def rows(count: int = 160) -> list[dict[str, object]]:
    """Posts of some months, two a day: videos gather three times as much."""
    draw = Random(5)
    found: list[dict[str, object]] = []
    for place in range(count):
        published = NOW - timedelta(hours=12 * (count - place), minutes=7 * place % 600)
        kind = draw.choice(("photo", "video", "text"))
        gathered = int(draw.lognormvariate(4, 0.5) * (3 if kind == "video" else 1))
        age = min(WEEK, int((NOW - published).total_seconds()))
        found.append({
            "post": f"bluesky:{place}", "address": f"https://bluesky.example/{place}",
            "published_at": published, "kind": kind, "state": "present", "ages": [age],
            "gathered": [gathered], "followers": 900, "text": f"Texte {place} de l’essai",
            "text_length": 100 + place, "hashtags": ["essai"],
            "topics": ["culture"] if place % 4 else ["works"], "fingerprint": f"{place:016x}",
        })  # fmt: skip
    return found


@pytest.fixture(autouse=True)
def known(figures) -> None:
    figures.given["account_performance"] = rows()
    figures.given["account_days"] = []


def cells(page: str, label: str) -> list[str]:
    return [text_of(one).strip() for one in re.findall(f'data-label="{label}">(.*?)</td>', page)]


async def test_what_is_found_comes_first(portal):
    page = (await portal.get(BLUESKY)).text
    lede = text_of(page.partition('<p class="lede">')[2].partition("</p>")[0])
    assert "es vidéos" in lede
    assert cells(page, "Effet")
    assert cells(page, "Certitude")[0] == "très sûr"


async def test_with_few_posts_nothing_is_concluded(portal, figures):
    figures.given["account_performance"] = rows(30)
    page = (await portal.get(BLUESKY)).text
    assert "Pas assez" in page
    assert not cells(page, "Effet")
    said = cells(page, "Face à l’habituel")
    assert "trop récente" in said
    assert any("comparables" in one for one in said)
    assert "depuis le" in page


async def pages(portal, address: str) -> list[str]:
    """The page at an address, and those that follow it."""
    found: list[str] = []
    while address:
        found.append((await portal.get(address)).text)
        following = re.search(r'<a href="([^"]+)">Page suivante', found[-1])
        address = unescape(following[1]) if following else ""
    return found


@pytest.mark.parametrize(
    ("asked", "label", "descending"),
    [("interactions", "Interactions", True), ("taux", "Pour 100 abonnés", True),
     ("normale", "Face à l’habituel", True), ("moins", "Face à l’habituel", False)],
)  # fmt: skip
async def test_posts_are_sorted_by_a_link(portal, asked, label, descending):
    page = "".join(await pages(portal, f"{BLUESKY}&tri={asked}"))
    read = [one.removesuffix(" fois").replace("\u202f", "").replace(",", ".")
            for one in cells(page, label)]  # fmt: skip
    figures = [float(one) for one in read if one[:1].isdigit()]
    assert len(figures) > 80
    assert figures == sorted(figures, reverse=descending)
    assert f'aria-sort="{"descending" if descending else "ascending"}"' in page


@pytest.mark.parametrize(
    ("asked", "all_have"),
    [("type=video", "vidéo"), ("sujet=works", "travaux"), ("mots=Texte 15", "Texte 15"),
     ("mots=%23essai", "Texte")],
)  # fmt: skip
async def test_posts_are_filtered(portal, asked, all_have):
    told = cells((await portal.get(f"{BLUESKY}&{asked}")).text, "Publication")
    assert told
    assert all(all_have in one for one in told)


async def test_a_filter_that_nothing_answers_is_told_and_taken_away(portal):
    page = (await portal.get(f"{BLUESKY}&mots=zzz")).text
    assert not cells(page, "Publication")
    assert re.search(r'class="empty".*?<a href="/publications/00101', page)


async def test_young_posts_say_so(portal):
    page = (await portal.get(BLUESKY)).text
    assert 5 < page.count("encore jeune") < 30


async def test_the_simple_view_is_short(portal):
    simple = (await portal.get(f"{BLUESKY}&vue=simple")).text
    full = (await portal.get(f"{BLUESKY}&vue=detaillee")).text
    assert len(cells(simple, "Publication")) == 10
    assert len(cells(full, "Publication")) == POSTS_A_PAGE
    assert "<figure" not in simple
    assert full.count("<figure") == 2


@pytest.mark.parametrize("sort", ["date", "taux"])
async def test_a_long_table_is_paged_and_says_how_many_in_all(portal, sort):
    """Two hundred lines were 46 000 px high on a phone."""
    read = await pages(portal, f"{BLUESKY}&vue=detaillee&tri={sort}")
    addresses = [
        one
        for page in read
        for one in re.findall(
            r'href="(https://bluesky.example/\d+)"', page.partition('id="toutes"')[2]
        )
    ]
    assert len(addresses) == len(set(addresses)) == 160
    assert all("160\u00a0publications" in page for page in read)
    assert len(read) == -(-160 // POSTS_A_PAGE)


async def test_a_page_beyond_the_last_is_the_last(portal):
    page = (await portal.get(f"{BLUESKY}&vue=detaillee&page=99")).text
    assert "Page suivante" not in page
    assert cells(page, "Publication")


async def test_the_file_has_all_posts_and_obeys_the_terms(portal, figures):
    async def columns(account: str) -> tuple[set[str], int]:
        answer = await portal.get(f"{ADDRESS}.csv?compte={account}")
        assert "simulation_publications" in answer.headers["content-disposition"]
        read = list(csv.DictReader(io.StringIO(answer.text)))
        return set(read[0]), len(read)

    names, count = await columns("00101-bluesky")
    assert count == 160
    assert {"interactions", "taux", "habituel", "fois_l_habituel", "origine"} <= names
    closed, _ = await columns("00101-facebook")
    assert not {"interactions", "taux", "habituel"} & closed
    assert "fois_l_habituel" in closed


@pytest.mark.parametrize("chart", ["effets", "normale"])
async def test_a_picture_that_leaves_says_what_it_is_of(portal, chart):
    where = f"/graphiques/publications/00101/{chart}"
    picture = (await portal.get(f"{where}.svg?compte=00101-bluesky&titre=1")).text
    assert picture.startswith("<svg")
    for there in ("Essai-sur-Onde", "Bluesky", "Observatoire", "SIMULATION"):
        assert there in picture
    assert (await portal.get(f"{where}.png?compte=00101-bluesky")).content[:4] == b"\x89PNG"


async def test_contests_are_told_apart(portal, figures):
    changed = rows()
    changed[100] |= {"topics": ["contest"], "gathered": [9000]}
    figures.given["account_performance"] = changed
    page = "".join(await pages(portal, BLUESKY))
    assert 'id="apart"' in page
    assert page.count("jeu-concours</span>") == 1
    assert "· jeu-concours" not in page, "the mark says it already"


@pytest.mark.parametrize("path", ["/publications/99999", "/publications/62498"])
async def test_a_territory_that_is_not_measured_has_none(portal, path):
    assert (await portal.get(path)).status_code == 404


async def test_the_method_is_shown(portal):
    page = (await portal.get("/methodologie/publications")).text
    assert "Benjamini" in page
