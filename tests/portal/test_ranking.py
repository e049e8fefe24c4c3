import re

import httpx

from tests.portal.test_pages import text_of


async def test_categories_together_are_no_ranking(portal: httpx.AsyncClient):
    page = (await portal.get("/palmares?reseau=bluesky&categorie=")).text
    words = text_of(page)
    assert "premiers" not in words
    assert "toutes catégories, du score le plus haut au plus bas" in words
    assert '<th scope="col">Catégorie</th>' in page
    lines = re.findall(r'class="n rank">(\d+|–)<.*?<strong>([\d,]+)</strong>', page, re.DOTALL)
    ranked = [float(score.replace(",", ".")) for rank, score in lines if rank != "–"]
    assert ranked == sorted(ranked, reverse=True)
    assert "–" not in {rank for rank, _ in lines[: len(ranked)]}
    one = (await portal.get("/palmares?reseau=bluesky")).text
    assert '<th scope="col">Catégorie</th>' not in one
