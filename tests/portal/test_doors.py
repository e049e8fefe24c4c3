import re

import pytest

from tests.portal.test_pages import text_of

BEHIND = {
    "le score": "sur 100",
    "la tendance": "le mois d’avant",
    "tous les comptes": "Tous ses comptes connus",
    "des fichiers à emporter": "Emporter ces chiffres",
    "la page du mois à imprimer": "La page du mois, à imprimer",
    "une comparaison": "Comparer Clairmesure Métropole",
}
"""What a door says, and the words of the page that keep the promise."""


@pytest.mark.parametrize("who", ["la directrice", "l’équipe d’une métropole"])
async def test_a_door_promises_only_what_is_behind_it(portal, who):
    home = (await portal.get("/")).text
    door = re.search(rf'<a href="([^"]+)"><strong>{who}</strong><span>([^<]+)</span>', home)
    assert door is not None
    behind = (await portal.get(door[1])).text
    assert f'id="{door[1].partition("#")[2]}"' in behind
    words = text_of(behind)
    for promise in door[2].split(", "):
        assert BEHIND[promise] in words
