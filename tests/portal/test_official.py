"""« Ce compte est-il officiel ? »: as page and by the API, each answer with its proof."""

import pytest

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from contracts.addresses.fiction import fictional
from services.api.store import Claim, Proof
from services.api.words.official import VERDICTS
from tests.api.world import NOW
from tests.portal.test_pages import text_of

ADDRESS = "https://www.instagram.com/essai_sur_onde"


@pytest.fixture
def known(store):
    """An account of the country's first town, as the administration directory names it."""
    identity = read_address(ADDRESS)
    assert isinstance(identity, Identity)
    proof = Proof("annuaire", "annuaire, fichier d’essai", NOW)
    claim = Claim(identity, (Ownership(territory="00101", home=True),), proof)
    return store.accounts.register(claim).account.account


async def asked(portal, address: str = ADDRESS) -> dict[str, object]:
    answer = await portal.get("/api/v1/official", params={"address": address})
    assert answer.status_code == 200
    return answer.json()


async def test_what_a_source_says_is_not_verified_before_somebody_did(portal, store, known):
    told = await asked(portal)
    assert (told["verdict"], told["territories"]) == ("not_verified", ["00101"])
    assert [one["source"] for one in told["proofs"]] == ["annuaire"]
    store.accounts.move(known, "verified", reason="seen", by="team")
    assert (await asked(portal, "instagram.com/Essai_Sur_Onde/?hl=fr"))["verdict"] == "yes"
    shown = fictional(ADDRESS)  # as pages of a simulation write it
    assert (await asked(portal, shown))["verdict"] == "yes"
    words = text_of((await portal.get("/officiel", params={"adresse": shown})).text)
    assert "Essai-sur-Onde" in words
    assert "annuaire de l’administration" in words


@pytest.mark.parametrize(("state", "verdict"), [("closed", "closed"), ("refused", "refused")])
async def test_who_was_and_who_is_not(portal, store, known, state, verdict):
    if state == "closed":
        store.accounts.move(known, "verified", reason="seen", by="team")
    store.accounts.move(known, state, reason="looked at", by="team")
    told = await asked(portal)
    assert told["verdict"] == verdict
    assert bool(told["territories"]) == (state == "closed")


async def test_the_account_of_a_person_is_told_of_nobody(portal, store, known):
    store.accounts.set_owner_kind(known, "personne", reason="an elected official's", by="team")
    told = await asked(portal)
    assert (told["verdict"], told["territories"], told["proofs"]) == ("unknown", [], [])


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("https://www.instagram.com/personne_ici", "unknown"),
        ("https://www.instagram.com/p/CxYz123/", "not_an_account"),
        ("mairie", "not_an_account"),
    ],
)
async def test_not_found_is_not_false_and_what_is_no_account_says_why(portal, address, verdict):
    told = await asked(portal, address)
    assert told["verdict"] == verdict
    assert told["meaning"]
    page = (await portal.get("/officiel", params={"adresse": address})).text
    assert VERDICTS[verdict][0] in text_of(page)


async def test_the_question_alone_and_an_address_that_is_too_long(portal):
    assert "reponse" not in (await portal.get("/officiel")).text
    assert (await portal.get("/api/v1/official", params={"address": "a" * 501})).status_code == 422
