"""A syndicate administers communes that granted it: asked with a proof, shown, exported, ended."""

import struct
import zlib

import pytest

from services.api.entering.addresses import INVENTED
from services.api.store.agents import delegations
from services.api.store.agents.entitled import give
from tests.api.conftest import enter_as
from tests.api.test_teams import TOWN
from tests.portal.test_pages import text_of

SYNDICATE = "000000001"
PAGE = f"/equipe/{SYNDICATE}/communes"
ASKED = {"commune": TOWN, "preuve": "convention du 3 mars 2026"}
ANSWER = f"/equipe/{TOWN}/delegation/{SYNDICATE}"


def png(width=40, height=20):
    """The smallest PNG of that size, grey."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


async def ask(visitor, **typed):
    await enter_as(visitor, "metropole")
    return await visitor.post(PAGE, data=ASKED | typed)


async def granted(visitor):
    assert (await ask(visitor)).status_code == 303
    await enter_as(visitor, "exploitation")
    assert (await visitor.post(ANSWER, data={"reponse": "oui"})).status_code == 303
    await enter_as(visitor, "metropole")


async def test_nothing_opens_before_it_is_granted(visitor, store):
    assert (await ask(visitor)).status_code == 303
    assert (await visitor.get(f"/equipe/{TOWN}")).status_code == 403
    assert (await visitor.post(ANSWER, data={"reponse": "oui"})).status_code == 403
    await enter_as(visitor, "communication")
    assert (await visitor.post(ANSWER, data={"reponse": "oui"})).status_code == 403, "she writes"
    assert store.delegations.of_delegate(SYNDICATE)[0].granted_at is None
    await enter_as(visitor, "exploitation")
    assert ASKED["preuve"] in (await visitor.get("/bureau/demandes")).text


async def test_once_granted_it_administers_and_an_end_closes_at_once(visitor, store):
    await granted(visitor)
    assert 'name="adresse"' in (await visitor.get(f"/equipe/{TOWN}")).text, "it may invite"
    assert (await visitor.get(f"/journal/{TOWN}")).status_code == 200
    assert (await visitor.post(f"{PAGE}/{TOWN}/fin")).status_code == 303
    assert (await visitor.get(f"/equipe/{TOWN}")).status_code == 403
    whole = ["delegating.leave", "delegating.answer", "delegating.ask"]
    for mine, other in ((SYNDICATE, TOWN), (TOWN, SYNDICATE)):
        acts = store.journal.acts(mine)
        assert ([one.what for one in acts], {one.about for one in acts}) == (whole, {other})
    await enter_as(visitor, "exploitation")
    assert "Métropole" in text_of((await visitor.get(f"/journal/{TOWN}")).text)


async def test_nobody_writes_in_the_journal_of_a_territory_that_is_nothing_to_them(visitor, store):
    await enter_as(visitor, "metropole")
    assert (await visitor.post(f"{PAGE}/{TOWN}/fin")).status_code == 303
    assert store.journal.acts(TOWN) == []


async def test_the_commune_takes_itself_back(visitor, store):
    await granted(visitor)
    await enter_as(visitor, "exploitation")
    assert (await visitor.post(ANSWER, data={"reponse": "fin"})).status_code == 303
    assert store.delegations.of_territory(TOWN) == []
    assert (await visitor.post(ANSWER, data={"reponse": "oui"})).status_code == 404


async def test_it_goes_one_step_and_not_on(visitor, store):
    """Who administers by delegation is no delegate of the communes of the commune."""
    store.delegations.ask(TOWN, "00104", "une convention", "b")
    store.delegations.grant(TOWN, "00104", "b")
    await granted(visitor)
    assert (await visitor.get(f"/equipe/{TOWN}")).status_code == 200
    assert (await visitor.get("/equipe/00104")).status_code == 403


async def test_who_was_refused_by_name_stays_refused(visitor, store, places):
    await granted(visitor)
    (agent,) = store.teams.members(SYNDICATE)
    with store.database.writing() as session:
        give(session, agent.agent, TOWN, "none", store.now())
    assert (await visitor.get(f"/equipe/{TOWN}")).status_code == 403


async def test_who_only_writes_for_the_syndicate_administers_nothing(visitor, store):
    await granted(visitor)
    (agent,) = store.teams.members(SYNDICATE)
    with store.database.writing() as session:
        give(session, agent.agent, SYNDICATE, "writing", store.now())
    assert (await visitor.get(f"/equipe/{TOWN}")).status_code == 403
    assert (await visitor.post(PAGE, data=ASKED)).status_code == 403


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"commune": "nulle part"}, 422),
        ({"commune": SYNDICATE}, 409),
        ({"preuve": "court"}, 422),
        ({"preuve": "x" * 301}, 422),
    ],
)
async def test_what_cannot_be_asked_is_refused(visitor, store, typed, status):
    assert (await ask(visitor, **typed)).status_code == status
    assert store.delegations.waiting() == []


async def test_twice_or_too_many_are_refused(visitor, store, monkeypatch):
    assert (await ask(visitor, commune="Essai-sur-Onde")).status_code == 303
    assert (await ask(visitor)).status_code == 409
    monkeypatch.setattr(delegations, "AT_MOST", 1)
    assert (await ask(visitor, commune="00102")).status_code == 409


async def test_its_name_and_logo_stand_on_pages_and_sheets_of_its_communes(visitor, store):
    await granted(visitor)
    logo = {"logo": ("l.png", png(), "image/png")}
    said = await visitor.post(f"{PAGE}/identite", data={"nom": "Syndicat d’essai"}, files=logo)
    assert said.status_code == 303, said.text
    for page in (f"/territoires/{TOWN}", f"/rapports/mensuel/{TOWN}?reseau=bluesky"):
        shown = (await visitor.get(page)).text
        assert "Accompagnée par Syndicat d’essai" in text_of(shown)
        assert f"/delegues/{SYNDICATE}/logo.png" in shown
    image = await visitor.get(f"/delegues/{SYNDICATE}/logo.png")
    assert (image.content, image.headers["content-type"]) == (png(), "image/png")
    sheet = await visitor.get(f"/rapports/mensuel/{TOWN}.pdf?reseau=bluesky")
    assert sheet.content[:5] == b"%PDF-"
    assert b"/Image" in sheet.content
    other = text_of((await visitor.get("/territoires/00102")).text)
    assert "Accompagnée" not in other
    await visitor.post(f"{PAGE}/identite", data={"nom": ""})
    assert "Accompagnée" not in text_of((await visitor.get(f"/territoires/{TOWN}")).text)


@pytest.mark.parametrize(
    "image",
    [
        b"<svg onload='x'/>",
        png()[:40],
        png() + b"x" * 102_400,
        png(1201, 2),
        b"\x89PNG\r\n\x1a\n" * 9,
    ],
    ids=["svg", "cut", "heavy", "wide", "made up"],
)
async def test_what_no_sheet_can_bear_is_no_logo(visitor, store, image):
    await enter_as(visitor, "metropole")
    sent = {"logo": ("l.png", image, "image/png")}
    said = await visitor.post(f"{PAGE}/identite", data={"nom": "S"}, files=sent)
    assert said.status_code == 422
    assert store.delegations.face(SYNDICATE) is None


async def test_all_of_it_is_exported(visitor):
    await granted(visitor)
    file = await visitor.get(f"{PAGE}.csv")
    assert file.status_code == 200
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0].split(";")[:4] == ["code", "collectivite", "reseau", "compte"]
    assert {line.split(";")[0] for line in lines[1:]} == {f'"=""{TOWN}"""'}
    assert any(";bluesky;" in line and ";31,4" in line for line in lines)
    assert "simulation" in file.headers["content-disposition"]
    assert INVENTED in file.text
    await enter_as(visitor, "communication")
    assert (await visitor.get(f"{PAGE}.csv")).status_code == 403
