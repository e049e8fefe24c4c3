"""The desk decides of candidates, and takes back; what agents claim comes to it first."""

import pytest

from libs.settings import Settings
from tests.api.conftest import client_of, enter_as
from tests.portal.candidates import DESK, candidate, states


async def test_the_desk_is_the_teams(places, figures, store):
    live = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(live, places, figures, store) as client:
        client.headers.update({"origin": "http://portail.example"})
        refused = [await client.get(DESK), await client.post(f"{DESK}/x", data={"choix": "oui"})]
    assert [one.status_code for one in refused] == [401, 401]


async def test_a_claim_of_agents_comes_first_and_of_what_was_decided_is_refused(visitor, store):
    other = candidate(store, 300)
    await enter_as(visitor, "communication")
    form = {"adresse": "https://bsky.app/profile/nous.example", "preuve": "https://essai.example/"}
    made = await visitor.post("/equipe/00101/comptes", data=form)
    assert made.status_code == 303
    first = store.accounts.candidates(1)[0]
    assert (first.account.handle, first.proofs[0].source) == ("nous.example", "claim")
    assert "nous.example" in (await visitor.get("/equipe/00101/comptes")).text
    store.accounts.move(first.account.account, "verified", reason="vu", by="équipe")
    assert (await visitor.post("/equipe/00101/comptes", data=form)).status_code == 409
    bad = [{"adresse": "rien"}, {"preuve": "court"}]
    got = [
        (await visitor.post("/equipe/00101/comptes", data=form | one)).status_code for one in bad
    ]
    assert got == [422, 422]
    assert (await visitor.post("/equipe/00104/comptes", data=form)).status_code == 403
    store.accounts.move(other, "refused", reason="fin", by="essai")


async def test_that_nobody_waits_is_said_once(portal, store):
    for one in store.accounts.candidates(100):
        store.accounts.move(one.account.account, "refused", reason="fin", by="essai")
    page = (await portal.get(DESK)).text
    assert page.count("n’attend") == 1
    assert "<kbd>" not in page
    candidate(store, 500)
    page = (await portal.get(DESK)).text
    assert "n’attend" not in page
    assert "<kbd>" in page


async def test_a_decision_is_taken_back_by_who_made_it(portal, store):
    account = candidate(store, 400)
    decide = f"{DESK}/{account}"
    assert (await portal.post(decide, data={"choix": "oui"})).status_code == 303
    assert (await portal.post(decide, data={"choix": "non"})).status_code == 409
    assert (await portal.post(f"{decide}/annuler")).status_code == 303
    assert states(store, [account]) == [("candidate", "collectivité")]
    store.accounts.move(account, "refused", reason="vu", by="quelqu’un d’autre")
    assert (await portal.post(f"{decide}/annuler")).status_code == 409
    assert (await portal.post(f"{DESK}/nobody", data={"choix": "oui"})).status_code == 404
    assert (await portal.post(decide, data={"choix": "peut-être"})).status_code == 422


@pytest.mark.parametrize(
    ("who", "said"),
    [(None, "sans s’être nommé"), ("departement", "agent public"), ("communication", "elle-même")],
)
async def test_a_contest_says_whether_the_territory_itself_makes_it(visitor, store, who, said):
    if who:
        await enter_as(visitor, who)
    made = await visitor.post("/contester/00101-bluesky", data={"periode": "2026-10"})
    assert made.status_code == 303
    assert said in (await visitor.get("/contestations/00101-bluesky")).text.replace("'", "’")
    (kept,) = store.contests.of_account("00101-bluesky")
    assert (kept.agent is None, kept.territory) == (
        who is None,
        "00101" if who == "communication" else None,
    )
    store.contests.answer(kept.id, "maintenu", "Le calcul est le bon.")
