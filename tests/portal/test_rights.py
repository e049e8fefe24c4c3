"""« Vos droits »: asked by anybody, answered by the desk, forgotten; replies beside the figure."""

import pytest
from pydantic import ValidationError

from contracts.operations.publisher import Publisher
from services.api.figures.views import ACCOUNT_SCORE
from services.api.store.rights import A_MONTH, THREE_DAYS
from tests.api.conftest import SIMULATION, client_of
from tests.api.world import NOW
from tests.portal.test_pages import text_of

QUEUE = "/bureau/droits"
ACCOUNT, PERIOD = "00101-bluesky", "2026-10"
WORDS = "La collectivité répond que ce mois compte une crue."
ASKED = {
    "demande": "objection",
    "compte": "https://bsky.app/profile/anne.example",
    "texte": "Ne relevez plus rien de mon profil.",
    "courriel": "anne@ailleurs.example",
}


async def test_a_request_is_kept_until_it_is_answered_and_no_longer(portal, visitor, store):
    assert (await visitor.post("/vos-droits", data=ASKED)).status_code == 303
    (kept,) = store.rights.waiting()
    assert (kept.kind, kept.contact, kept.due) == ("objection", ASKED["courriel"], NOW + A_MONTH)
    shown = (await portal.get(QUEUE)).text
    assert ASKED["texte"] in text_of(shown)
    assert (await visitor.get(QUEUE)).status_code == 303
    answer = await portal.post(f"{QUEUE}/{kept.id}", data={"suite": "granted"})
    assert answer.status_code == 303
    assert (store.rights.waiting(), store.rights.replies(ASKED["compte"])) == ([], [])
    again = await portal.post(f"{QUEUE}/{kept.id}", data={"suite": "refused"})
    unknown = await portal.post(f"{QUEUE}/nobody", data={"suite": "refused"})
    assert (again.status_code, unknown.status_code) == (409, 404)
    with store.database.engine.connect() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM rights_requests").all())
    assert not any(said in rows for said in ("anne", ASKED["texte"]))


@pytest.mark.parametrize("outcome", ["granted", "refused"])
async def test_a_reply_is_shown_beside_the_figure_once_it_is_published(
    portal, visitor, store, outcome
):
    page = f"/territoires/00101?compte={ACCOUNT}&vue=detaillee"
    asked = "/vos-droits?demande=reply&amp;compte=00101-bluesky&amp;periode=2026-10#demande"
    assert asked in (await visitor.get(page)).text
    reply = ASKED | {"demande": "reply", "compte": ACCOUNT, "texte": WORDS, "periode": PERIOD}
    assert (await visitor.post("/vos-droits", data=reply)).status_code == 303
    (kept,) = store.rights.waiting()
    assert kept.due - kept.asked_at == THREE_DAYS
    assert WORDS not in text_of((await visitor.get(page)).text)
    await portal.post(f"{QUEUE}/{kept.id}", data={"suite": outcome})
    for path in (page, f"/territoires/00101?compte={ACCOUNT}&vue=simple", f"/verifier/{ACCOUNT}"):
        assert (WORDS in text_of((await visitor.get(path)).text)) == (outcome == "granted"), path
    past = "/territoires/00101?periode=2026-08&vue=detaillee"
    other = text_of((await visitor.get(past)).text)
    assert WORDS not in other
    assert ASKED["courriel"] not in str(store.rights.replies(ACCOUNT))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"courriel": "rien"}, 422),
        ({"texte": "court"}, 422),
        ({"demande": "autre"}, 422),
        ({"demande": "reply", "periode": ""}, 404),
    ],
)
async def test_what_cannot_be_answered_is_refused(visitor, store, change, status):
    assert (await visitor.post("/vos-droits", data=ASKED | change)).status_code == status
    assert store.rights.waiting() == []


async def test_a_reply_is_to_a_figure_that_there_is(visitor, figures, store):
    figures.given[ACCOUNT_SCORE.name] = []
    reply = ASKED | {"demande": "reply", "compte": "nobody", "periode": PERIOD}
    assert (await visitor.post("/vos-droits", data=reply)).status_code == 404
    assert store.rights.waiting() == []


def test_what_is_due_first_is_first(store):
    store.rights.ask("access", "x", "words", "a@b.example")
    store.rights.ask("reply", "x", "words", "a@b.example", PERIOD)
    assert [one.kind for one in store.rights.waiting()] == ["reply", "access"]


HOST = {"name": "Hébergeur d’essai", "address": "1 rue du Port", "telephone": "01 00 00 00 00"}
PUBLISHER = {
    "name": "Syndicat d’essai",
    "address": "2 rue du Port",
    "telephone": "01 00 00 00 01",
    "director": "Camille Exemple",
    "host": HOST,
    "data_protection": "dpo@syndicat.example",
}
AUDITED = {
    "state": "partiellement conforme",
    "established": "2027-01-15",
    "rate": 71.5,
    "audited_by": "Auditeurs d’essai",
    "faults": ["Les tableaux larges se lisent mal à la loupe."],
}


async def test_the_pages_of_the_law_name_who_publishes(places, figures, store):
    told = Publisher.model_validate(PUBLISHER | {"accessibility": AUDITED})
    settings = SIMULATION.model_copy(update={"publisher": told})
    async with client_of(settings, places, figures, store) as client:
        legal, rights, access = [
            text_of((await client.get(path)).text)
            for path in ("/mentions-legales", "/vos-droits", "/accessibilite")
        ]
    for said in (PUBLISHER["name"], PUBLISHER["director"], HOST["name"], HOST["telephone"]):
        assert said in legal
    assert PUBLISHER["data_protection"] in rights
    assert ("71,5" in access, AUDITED["faults"][0] in access) == (True, True)
    assert "Accessibilité : partiellement conforme" in legal


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 49.0},
        {"audited_by": ""},
        {"rate": None},
        {"state": "totalement conforme", "rate": 99.0},
        {"state": "conforme"},
    ],
)
def test_a_state_of_accessibility_takes_an_audit_that_finds_it(change):
    with pytest.raises(ValidationError):
        Publisher.model_validate(PUBLISHER | {"accessibility": AUDITED | change})


@pytest.mark.parametrize(
    ("name", "status"), [("registre", 200), ("analyse-d-impact", 200), ("x", 404)]
)
async def test_register_and_impact_assessment_are_there(visitor, name, status):
    answer = await visitor.get(f"/vos-droits/{name}")
    assert answer.status_code == status
