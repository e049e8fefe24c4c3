import re

import httpx
import pytest

from tests.portal.test_pages import text_of

BEHIND = {
    "le score": "sur 100",
    "la tendance": "la marge",
    "tous les comptes": "Tous ses comptes connus",
    "une chose à faire": "Cette semaine",
}
"""What a door says, and the words of the page that keep the promise."""


@pytest.mark.parametrize("who", ["la directrice", "l’équipe d’une métropole"])
async def test_a_door_promises_only_what_is_behind_it(portal: httpx.AsyncClient, who: str):
    home = (await portal.get("/")).text
    door = re.search(rf'<a href="([^"]+)"><strong>{who}</strong><span>([^<]+)</span>', home)
    assert door is not None
    words = text_of((await portal.get(door[1])).text)
    for promise in door[2].split(", "):
        assert BEHIND[promise] in words
