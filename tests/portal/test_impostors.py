"""Accounts that imitate an official one: found by their names, decided by the team, told to all."""

import re

import pytest

from contracts.accounts import Ownership
from contracts.addresses import Identity, read_address
from services.api.census.likeness import Known, likeness
from services.api.store import Store
from services.api.store.registry.accounts import VERIFIED_KEPT, AccountStore
from services.api.store.registry.claims import Claim, Proof
from tests.api.world import NOW

QUEUE = "/bureau/usurpations"
OFFICIAL = "essaisuronde.example"


@pytest.mark.parametrize(
    ("handle", "how"),
    [
        ("VilleDeLens", None),
        ("villedelens.elsewhere.example", "same"),
        ("vi11edelens", "signs"),
        ("viIIedelens", "signs"),
        ("villеdеlens", "signs"),
        ("ville_de_lens_officiel", "added"),
        ("lens", "added"),
        ("villedeelens", "letter"),
        ("villdelens", "letter"),
        ("vilelde.lens", None),
        ("vileldelens", "letter"),
        ("villedelille", None),
        ("marie-durand", None),
        ("", None),
    ],
)
def test_a_name_that_imitates_is_told_from_another(handle, how):
    known = Known("a", "villedelens", "https://example.com/villedelens", "62498")
    found = likeness(handle, "bluesky", [known])
    assert (found.how if found else None) == how


def test_a_short_name_is_like_few():
    known = [Known("a", "eu", "x", "1"), Known("b", "lens", "x", "2")]
    found = [likeness(one, "bluesky", known) for one in ("ue", "lans", "fr", "e-u", "eυ", "€u")]
    assert found == [None] * 6


@pytest.mark.parametrize(
    ("network", "official", "handle", "how"),
    [
        ("instagram", "ville.de.nantes", "ville.rennes", None),
        ("facebook", "mairie.de.lens", "mairie.de.lille", None),
        ("threads", "ville.de.nantes", "ville_de_nantes", "same"),
        ("instagram", "ville.de.nantes", "viIIedenantes", "signs"),
        ("instagram", "ville.de.nantes", "ville.de.nantes.officiel", "added"),
        ("instagram", "mai.rie", "mairie", None),
        ("mastodon", "ville.de.nantes@a.example", "ville.rennes@b.example", None),
        ("mastodon", "nantes@a.example", "nantes@b.example", "same"),
        ("mastodon", "mairie@nantes.example", "mairie@rennes.example", None),
        ("mastodon", "com@nantes.example", "com@rennes.example", None),
        ("bluesky", "mairie.nantes.example", "mairie.rennes.example", None),
        ("bluesky", "mairie.nantes.example", "nantes.bsky.social", "same"),
    ],
)
def test_a_dot_is_of_a_host_where_handles_are_hosts(network, official, handle, how):
    known = Known("a", official, "x", "1")
    found = likeness(handle, network, [known])
    assert (found.how if found else None) == how


async def test_the_official_accounts_are_read_once_a_minute(store, monkeypatch):
    registered(store, OFFICIAL, "annuaire", "verified")
    read, moment = [], [NOW]
    reading = store.database.reading
    accounts = AccountStore(store.database, "simulation", lambda: moment[0], lambda: "x")
    monkeypatch.setattr(store.database, "reading", lambda: read.append(1) or reading())
    for _ in range(3):
        assert len(accounts.verified("bluesky")) == 1
    assert len(read) == 1
    moment[0] += VERIFIED_KEPT
    accounts.verified("bluesky")
    assert len(read) == 2


async def test_who_asks_too_often_is_told_to_wait(visitor):
    got = [(await visitor.get("/api/v1/official?address=x")).status_code for _ in range(60)]
    assert got == [200] * 60
    assert (await visitor.get("/officiel?adresse=x")).status_code == 429
    assert (await visitor.get("/officiel")).status_code == 200


def registered(store: Store, handle: str, source: str, state: str = "candidate") -> str:
    identity = read_address(f"https://bsky.app/profile/{handle}")
    assert isinstance(identity, Identity)
    proof = Proof(source, "vu", NOW)  # type: ignore[arg-type]
    claim = Claim(identity, (Ownership(territory="00101"),), proof, state=state)  # type: ignore[arg-type]
    return store.accounts.register(claim).account.account


async def asked(client, handle: str) -> dict[str, object]:
    address = f"https://bsky.app/profile/{handle}"
    return (await client.get("/api/v1/official", params={"address": address})).json()


async def test_a_name_like_an_official_one_is_warned_of_before_anybody_decides(visitor, store):
    registered(store, OFFICIAL, "annuaire", "verified")
    said = await asked(visitor, "essaisuronde-officiel.example")
    assert (said["verdict"], said["imitates"]) == ("resembles", ["00101"])
    assert OFFICIAL in str(said["resembles"])
    assert (await asked(visitor, "quelquun.example"))["verdict"] == "unknown"
    assert (await asked(visitor, OFFICIAL))["verdict"] == "yes"
    page = await visitor.get(
        "/officiel", params={"adresse": "https://bsky.app/profile/essaisurronde.example"}
    )
    assert "Méfiez-vous" in page.text
    assert re.search(r'name="collectivite"[^>]* value="Essai-sur-Onde', page.text)


async def test_a_suspect_is_reported_decided_told_and_taken_back(portal, visitor, store):
    registered(store, OFFICIAL, "annuaire", "verified")
    address = "https://bsky.app/profile/essaisur0nde.example"
    form = {"adresse": address, "collectivite": "00101"}
    assert (await visitor.post("/officiel/signaler", data=form)).status_code == 303
    again = await visitor.post("/officiel/signaler", data=form)
    assert again.headers["location"] == "/officiel?signale=1"  # that it waits is told to nobody
    known = form | {"adresse": f"https://bsky.app/profile/{OFFICIAL}"}
    answer = await visitor.post("/officiel/signaler", data=known)
    assert "déjà au registre" in (await visitor.get(answer.headers["location"])).text
    (suspect,) = store.accounts.candidates(9, suspected=True)
    account = suspect.account.account
    assert store.accounts.candidates(9) == []
    assert [one.handle for one in store.accounts.of_territory("00101")] == [OFFICIAL]
    assert (await asked(visitor, "essaisur0nde.example"))["verdict"] == "resembles"
    shown = (await portal.get(QUEUE)).text
    assert "essaisur0nde.example" in shown
    assert "ressemblant" in shown
    assert "C’est une usurpation" in shown
    bad = [{"collectivite": "zzzz"}, {"adresse": "rien"}]
    got = [(await visitor.post("/officiel/signaler", data=form | one)).status_code for one in bad]
    assert got == [422, 422]

    decided = await portal.post(f"{QUEUE}/{account}", data={"choix": "usurpation"})
    assert decided.headers["location"] == f"{QUEUE}?fait={account}&choix=usurpation"
    said = await asked(visitor, "essaisur0nde.example")
    assert (said["verdict"], said["imitates"], said["proofs"]) == ("impostor", ["00101"], [])
    assert "essaisur0nde.example" in (await visitor.get("/territoires/00101")).text
    undone = await portal.post(f"/bureau/comptes/{account}/annuler")
    assert undone.headers["location"].startswith(QUEUE)
    assert "essaisur0nde.example" not in (await visitor.get("/territoires/00101")).text

    await portal.post(f"{QUEUE}/{account}", data={"choix": "non"})
    assert (await asked(visitor, "essaisur0nde.example"))["verdict"] == "refused"


async def test_what_a_source_gives_and_nobody_decided_of_is_marked_as_reported(
    portal, visitor, store
):
    """A report of such an account told « déjà au registre », and the desk nothing."""
    account = registered(store, "mairie-essai.example", "annuaire")
    registered(store, "avant.example", "annuaire")
    address = "https://bsky.app/profile/mairie-essai.example"
    form = {"adresse": address, "collectivite": "00104"}
    answer = await visitor.post("/officiel/signaler", data=form)
    assert answer.headers["location"] == "/officiel?signale=1"
    again = form | {"collectivite": "00101"}
    assert (await visitor.post("/officiel/signaler", data=again)).status_code == 303
    first, second = store.accounts.candidates(9)
    assert (first.account.account, first.reported, second.reported) == (account, True, False)
    assert [(one.source, one.territory) for one in first.proofs] == [
        ("annuaire", "00101"),
        ("likeness", "00104"),
    ]
    assert [one.territory for one in first.account.owners] == ["00101"]
    assert store.accounts.candidates(9, suspected=True) == []
    assert "signalé" in (await portal.get("/bureau/comptes")).text
    said = await asked(visitor, "mairie-essai.example")
    assert (said["verdict"], [one["source"] for one in said["proofs"]]) == (
        "not_verified",
        ["annuaire"],
    )
    await portal.post(f"/bureau/comptes/{account}", data={"choix": "usurpation"})
    assert (await asked(visitor, "mairie-essai.example"))["imitates"] == ["00104"]


def test_a_likeness_is_no_second_proof(store):
    handle = "essaisuronde-infos.example"
    account = registered(store, handle, "likeness")
    assert registered(store, handle, "annuaire") == account
    known = store.accounts.get(account)
    assert known is not None
    assert known.state == "candidate"
    assert [one.account.account for one in store.accounts.candidates(9)] == [account]
    assert registered(store, handle, "wikidata") == account
    known = store.accounts.get(account)
    assert known is not None
    assert known.state == "verified"
