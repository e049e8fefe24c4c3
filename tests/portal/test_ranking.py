import re

from tests.portal.test_pages import text_of


async def test_categories_together_are_no_ranking(portal):
    page = (await portal.get("/palmares?reseau=bluesky&categorie=")).text
    words = text_of(page)
    assert "premiers" not in words
    assert "toutes catégories, du score le plus haut au plus bas" in words
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
    """Each band once, with its places; what a margin allows to each account is a column."""
    page = (await portal.get("/palmares?reseau=bluesky")).text
    bands = re.findall(r'scope="rowgroup">([^<]+)</th></tr>(.*?)</tbody>', page, re.DOTALL)
    assert len(bands) > 1
    after = 0
    for said, lines in bands:
        ranks = [int(one) for one in re.findall(r'<data value="(\d+)"', lines)]
        numbers = [int(one) for one in re.findall(r"\d+", text_of(said))]
        assert numbers[0] == ranks[0] > after
        after = ranks[-1]
        if len(ranks) > 1:
            assert numbers[-1] == len(ranks)
            assert after in numbers
            assert "égalité" in said


async def test_the_home_says_who_is_equal_at_the_head(portal):
    head = (await portal.get("/")).text.partition('class="podium"')[2].partition("</ol>")[0]
    assert head.count("<a ") == 5
    assert re.search(r'class="band-told">Places?', head)
