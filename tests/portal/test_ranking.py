import re

import pytest

from contracts.networks import NETWORKS
from services.api.figures.views import RANKING
from services.api.files.redistribution import counters_may_leave
from services.api.words.standing.places import span
from tests.portal.test_pages import text_of
from tests.portal.test_sentences import plain


async def test_categories_together_are_no_ranking(portal):
    page = (await portal.get("/palmares?reseau=bluesky&categorie=")).text
    words = text_of(page)
    assert "premiers" not in words
    assert "toutes catégories" in words
    assert '<th scope="col">Catégorie</th>' in page
    lines = re.findall(
        r'<strong>([\d,]+)</strong>.*?class="n rank">(?:<data value=")?(\d+|–)', page, re.DOTALL
    )
    ranked = [float(score.replace(",", ".")) for score, rank in lines if rank != "–"]
    assert ranked == sorted(ranked, reverse=True)
    assert "–" not in {rank for _, rank in lines[: len(ranked)]}
    one = (await portal.get("/palmares?reseau=bluesky")).text
    assert '<th scope="col">Catégorie</th>' not in one


async def test_a_margin_of_nothing_is_said_in_words(portal, figures):
    address = "/palmares?reseau=bluesky&categorie=metropoles"
    assert "sans marge" not in (await portal.get(address)).text
    figures.changes.append(
        lambda row: {"low": row["score"], "high": row["score"]} if "score" in row else {}
    )
    assert "sans marge" in (await portal.get(address)).text


async def test_a_ranking_says_bands_of_equals_first(portal):
    """Each band once, by how many it has; places are a column, of each account by its margin."""
    page = (await portal.get("/palmares?reseau=bluesky")).text
    bands = re.findall(r'scope="rowgroup">([^<]+)</th></tr>(.*?)</tbody>', page, re.DOTALL)
    assert len(bands) > 1
    assert [one.startswith(("En tête", "Seul en tête")) for one, _ in bands] == [
        place == 0 for place in range(len(bands))
    ]
    for said, lines in bands:
        held = [str(lines.count("<tr>"))] if "égalité" in said else []
        assert re.findall(r"\d+", text_of(said)) == held


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS if one.scored])
async def test_places_are_said_one_way(portal, figures, network):
    """Everywhere those that the margin of the account allows; bands have none of their own."""
    told = {}
    for line in await figures.read(
        RANKING, network=network, category="petites-villes", period="2026-10",
        departement="", region="",
    ):  # fmt: skip
        if line.rank is not None:
            told[line.handle] = plain(span(line.high_rank or line.rank, line.low_rank or line.rank))
    page = plain((await portal.get(f"/palmares?reseau={network}&categorie=petites-villes")).text)
    for head in re.findall(r'(?:scope="rowgroup"|class="band-told")>([^<]+)', page):
        assert not re.search("[Pp]lace", head)
    shown = re.findall(r'([^>·]+)</span></th>.*?<data value="\d+">([^<]+)<', page, re.DOTALL)
    assert bool(shown) is (bool(told) and counters_may_leave(network))
    for handle, places in shown:
        assert places == told[handle.strip()]


async def test_the_home_says_who_is_equal_at_the_head(portal):
    head = (await portal.get("/")).text.partition('class="podium"')[2].partition("</ol>")[0]
    assert head.count("<a ") == 5
    assert re.search(r'class="band-told">(?:En|Seul en) tête', head)
    assert "lace" not in head.replace("placeholder", "")
