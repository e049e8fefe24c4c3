import re

from tests.portal.test_pages import text_of


async def test_categories_together_are_no_ranking(portal):
    page = (await portal.get("/palmares?reseau=bluesky&categorie=")).text
    words = text_of(page)
    assert "premiers" not in words
    assert "toutes catégories, du score le plus haut au plus bas" in words
    assert '<th scope="col">Catégorie</th>' in page
    lines = re.findall(
        r'class="n rank">(?:<data value=")?(\d+|–).*?<strong>([\d,]+)</strong>', page, re.DOTALL
    )
    ranked = [float(score.replace(",", ".")) for rank, score in lines if rank != "–"]
    assert ranked == sorted(ranked, reverse=True)
    assert "–" not in {rank for rank, _ in lines[: len(ranked)]}
    one = (await portal.get("/palmares?reseau=bluesky")).text
    assert '<th scope="col">Catégorie</th>' not in one


async def test_a_margin_of_nothing_is_said_in_words(portal, figures):
    address = "/palmares?reseau=bluesky&categorie=metropoles"
    assert "sans marge" not in (await portal.get(address)).text
    figures.changes.append(
        lambda row: {"low": row["score"], "high": row["score"]} if "score" in row else {}
    )
    assert "sans marge" in (await portal.get(address)).text
