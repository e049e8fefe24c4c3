"""Who may give which role to whom, whole: each act on a team, by each role, over each role."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import delete

from services.api.store.agents.entitled import EVERYWHERE, Entitled
from services.api.store.models import AgentRoleRow
from tests.api.attacks.test_sign_in import Place
from tests.api.conftest import SIMULATION
from tests.api.test_teams import OTHER, TOWN, mailbox

SYNDICATE = "000000001"
GIVEN = ("reading", "protection", "writing", "administration", "none")
KNOWN = (None, "none", "reading", "protection", "writing", "delegation", "administration")
ALL = dict.fromkeys(KNOWN, GIVEN)
LENT = ("reading", "writing", "none")
ALLOWED = {
    "reading": {},
    "protection": {},
    "writing": {},
    "delegation": dict.fromkeys((None, "reading", "writing"), LENT),
    "administration": ALL,
    "team": ALL,
}
"""What each role may give, by what the person has now; what is not said is refused."""


@pytest.fixture
async def place(places, figures):
    made = Place(SIMULATION, places, figures)
    yield made
    await made.close()


def put(place: Place, address: str, role: str | None) -> None:
    """Let somebody have a role for the town, or none that is known."""
    store, who = place.store, mailbox(address)
    agent = store.sessions.open(who, f"s {address} {place.moment}", "").agent
    with store.database.writing() as session:
        gone = AgentRoleRow.agent == agent, AgentRoleRow.territory == TOWN
        session.execute(delete(AgentRoleRow).where(*gone))
    if role == "team":
        store.entitled.grant(who, EVERYWHERE, "team")
    elif role == "delegation":
        store.entitled.grant(who, SYNDICATE, "administration")
    elif role is not None:
        store.entitled.grant(who, TOWN, role)


def role_of(place: Place, address: str) -> str | None:
    return place.store.entitled.roles(mailbox(address)).get(TOWN)


async def acting(place: Place, role: str) -> httpx.AsyncClient:
    """Somebody who has a role for the town, the syndicate's delegation standing."""
    store = place.store
    if not store.delegations.of_territory(TOWN):
        store.delegations.ask(SYNDICATE, TOWN, "convention du 3 mars", "b")
        store.delegations.grant(SYNDICATE, TOWN, "b")
    put(place, f"{role}@acte.example", role)
    return await place.entered(f"{role}@acte.example")


@pytest.mark.parametrize("actor", ALLOWED)
@pytest.mark.parametrize(
    "act",
    [
        "change",
        "grant",
        *(pytest.param(act, marks=pytest.mark.proof) for act in ("invite", "refuse")),
    ],
)
async def test_who_names_whom(place, actor, act):
    browser = await acting(place, actor)
    path, wrong = f"/equipe/{TOWN}", []
    for known in KNOWN:
        address = f"{known}@cible.example".lower()
        for given in GIVEN:
            if given == "none" and act != "change":
                continue
            put(place, address, known)
            agent = place.store.sessions.open(mailbox(address), f"{given} {known}", "").agent
            if act == "invite":
                asked = path, {"adresse": address, "role": given}
            elif act == "change":
                asked = f"{path}/role", {"agent": agent, "role": given}
            else:
                place.store.teams.request(agent, TOWN, given, "")
                (waiting,) = place.store.teams.requests(TOWN)
                said = {"reponse": "oui" if act == "grant" else "non"}
                asked = f"{path}/demandes/{waiting.id}", said
            answer = await browser.post(asked[0], data=asked[1])
            may = given in ALLOWED[actor].get(known, ())
            nobody = act == "change" and known in (None, "none") and ALLOWED[actor]
            expected = 404 if nobody else 303 if may else 403
            lent = known == "delegation" and given not in ("none", "administration")
            became = known if act == "refuse" or expected != 303 or lent else given
            if (answer.status_code, role_of(place, address)) != (expected, became):
                wrong.append((known, given, answer.status_code, role_of(place, address)))
            for one in place.store.teams.requests(TOWN):
                place.store.teams.answer(one.id, TOWN, lambda *_: True, granted=False)
            place.moment += timedelta(minutes=10)
    assert wrong == []


DELEGATING = {
    f"/equipe/{TOWN}/delegation/{OTHER}": ("oui", "non", "fin"),
    f"/equipe/{TOWN}/delegation/{SYNDICATE}": ("fin",),
    f"/equipe/{TOWN}/communes/00102/fin": ("",),
}


@pytest.mark.parametrize("actor", ALLOWED)
async def test_a_territory_alone_says_who_acts_in_its_name(place, actor):
    """A delegate neither lets in another, nor ends what others hold, nor asks in its name."""
    browser, store = await acting(place, actor), place.store
    itself = actor in ("administration", "team")
    asked = {"commune": "00102", "preuve": "convention du 3 mars"}
    tried = [(f"/equipe/{TOWN}/communes", asked)]
    tried += [(f"/equipe/{TOWN}/communes/identite", {"nom": "Ville"})]
    tried += [(path, {"reponse": said}) for path, each in DELEGATING.items() for said in each]
    for path, data in tried:
        if not store.delegations.of_delegate(OTHER):
            store.delegations.ask(OTHER, TOWN, "convention du 4 mars", "b")
        before = store.delegations.of_territory(TOWN)
        answer = await browser.post(path, data=data)
        assert answer.status_code == (303 if itself else 403), (path, data)
        assert itself or store.delegations.of_territory(TOWN) == before
    assert [one.granted_at for one in store.delegations.of_delegate(TOWN)] == []


async def test_the_commune_takes_itself_back_whatever_its_delegate_tried(place):
    """Its front door too: nobody of it could press « Mettre fin »."""
    door = "accueil@ville.example"
    place.store.entitled.replace([Entitled("address", mailbox(door).key, TOWN)])
    syndicate, commune = await acting(place, "delegation"), await place.entered(door)
    (me,) = [one for one in place.store.teams.members(TOWN) if one.role == "administration"]
    gone = {"agent": me.agent, "role": "none"}
    assert (await syndicate.post(f"/equipe/{TOWN}/role", data=gone)).status_code == 403
    page = (await syndicate.get(f"/equipe/{TOWN}")).text
    assert me.agent not in page
    assert 'value="administration"' not in page
    assert "/delegation/" not in page
    assert f"/delegation/{SYNDICATE}" in (await commune.get(f"/equipe/{TOWN}")).text
    path = f"/equipe/{TOWN}/delegation/{SYNDICATE}"
    assert (await commune.post(path, data={"reponse": "fin"})).status_code == 303
    assert (await syndicate.get(f"/equipe/{TOWN}")).status_code == 403
