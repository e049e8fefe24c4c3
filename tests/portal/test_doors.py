import re

import pytest

from contracts.territories import Kind
from services.api.entering.addresses import key_of, mailbox_of
from services.api.entering.people import PEOPLE
from services.api.operations.broker import BrokerUnavailable
from tests.api.conftest import SIMULATION, enter_as
from tests.portal.test_entering import link_mailed
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
async def test_a_door_promises_only_what_is_behind_it(visitor, who):
    home = (await visitor.get("/")).text
    door = re.search(rf'value="(\w+)"><button><strong>{who}</strong><span>([^<]+)</span>', home)
    assert door is not None
    entered = await visitor.post("/entrer/comme", data={"qui": door[1]})
    address = entered.headers["location"]
    behind = (await visitor.get(address)).text
    assert f'id="{address.partition("#")[2]}"' in behind
    words = text_of(behind)
    for promise in door[2].split(", "):
        assert BEHIND[promise] in words


@pytest.mark.parametrize("person", PEOPLE, ids=lambda one: one.name)
async def test_every_door_leads_to_a_page_that_opens(visitor, person, monkeypatch):
    async def away(*_: object) -> None:
        raise BrokerUnavailable("none here")

    monkeypatch.setattr("services.api.operations.broker.connected", away)
    entered = await visitor.post("/entrer/comme", data={"qui": person.name})
    assert entered.status_code == 303
    if person.place is Kind.DEPARTEMENT:  # nothing is recorded of one
        assert entered.headers["location"] == "/territoires/001"
        return
    behind = await visitor.get(entered.headers["location"])
    assert behind.status_code == 200
    assert "Mes sessions" in text_of(behind.text)


async def test_several_territories_are_a_choice(visitor, store):
    """An agent of two towns arrives at the choice of one; what was chosen is in the menu."""
    await enter_as(visitor, "astreinte")
    await visitor.post("/sortir")
    found = mailbox_of(key_of(SIMULATION) or "", "anne@essai-sur-onde.example")
    assert found is not None
    store.entitled.grant(found[0], "00104", "reading")
    await visitor.post("/entrer", data={"adresse": "anne@essai-sur-onde.example"})
    entered = await visitor.post(link_mailed(store))
    assert entered.headers["location"] == "/entrer/collectivites"
    words = text_of((await visitor.get("/entrer/collectivites")).text)
    assert "Essai-sur-Onde rédaction" in words
    assert "Villemaquette lecture" in words
    chosen = await visitor.post("/ma-collectivite", data={"code": "00104"})
    assert (
        'class="who"><a href="/territoires/00104"'
        in (await visitor.get(chosen.headers["location"])).text
    )
