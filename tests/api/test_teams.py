"""Teams by their pages: invite, change, ask, answer; programs by tokens; the journal of it all."""

import re

import httpx
import pytest
from sqlalchemy import select

from services.api.entering.addresses import key_of, mailbox_of
from services.api.entering.journal import ACTS, act_of
from services.api.store.models import ApiTokenRow, MessageRow
from services.api.web.access import agents, public, signed_in, writes_watch
from tests.api.attacks.test_sign_in import Place
from tests.api.conftest import SIMULATION, enter_as
from tests.api.store.test_store_watches import DRAFT
from tests.api.test_route_access import NEW, accesses, routes_of

TOWN, OTHER = "00101", "00104"
COLLEAGUE = "luc@syndicat.example"
INVITED = {"adresse": COLLEAGUE, "role": "writing"}


@pytest.fixture
async def place(places, figures):
    made = Place(SIMULATION, places, figures)
    yield made
    await made.close()


def mailbox(address: str):
    found = mailbox_of(key_of(SIMULATION) or "", address)
    assert found is not None
    return found[0]


async def administrator(place: Place) -> httpx.AsyncClient:
    """Anne, who administers the town."""
    place.store.entitled.grant(mailbox("anne@essai-sur-onde.example"), TOWN, "administration")
    return await place.entered()


async def colleague(place: Place) -> httpx.AsyncClient:
    """Luc of a syndicate, let in by nobody in particular yet."""
    place.store.entitled.grant(mailbox(COLLEAGUE), OTHER, "reading")
    return await place.entered(COLLEAGUE)


async def token(browser: httpx.AsyncClient, **more: str) -> str:
    form = {"nom": "tableau de bord", "code": TOWN} | more
    answer = await browser.post("/mes-jetons", data=form)
    assert answer.status_code == 200, answer.text
    return re.findall(r"obs_[\w-]+", answer.text)[0]


def asking(place: Place, secret: str) -> httpx.AsyncClient:
    browser = place.browser()
    del browser.headers["origin"]
    browser.headers["authorization"] = f"Bearer {secret}"
    return browser


async def test_a_colleague_is_invited_enters_and_acts(place):
    anne = await administrator(place)
    assert (await anne.post(f"/equipe/{TOWN}", data=INVITED)).status_code == 303
    with place.store.database.reading() as session:
        (mail,) = session.scalars(select(MessageRow).where(MessageRow.kind == "invited"))
    assert mail.recipient == f"mailto:{COLLEAGUE}"
    assert "Essai-sur-Onde" in mail.subject
    assert COLLEAGUE not in (await anne.get(f"/equipe/{TOWN}")).text
    luc = await place.entered(COLLEAGUE)
    watch = place.store.watches.create(DRAFT.model_copy(update={"territory": TOWN}), ())
    assert (await luc.post(f"/veilles/{watch.watch}/pause")).status_code == 303
    (member,) = [one for one in place.store.teams.members(TOWN) if "syndicat" in one.shown]
    gone = {"agent": member.agent, "role": "none"}
    assert (await anne.post(f"/equipe/{TOWN}/role", data=gone)).status_code == 303
    assert (await luc.post(f"/veilles/{watch.watch}/reprise")).status_code == 404
    acts = [(one.what, one.about) for one in place.store.journal.acts(TOWN)]
    about = {"team.change": member.agent, "acts.pause": watch.watch, "team.invite": member.agent}
    assert acts == list(about.items())
    journal = (await anne.get(f"/journal/{TOWN}")).text
    assert "a mis une veille en pause" in journal
    assert journal.count(member.shown) >= 3, "who paused, who was invited, whose role changed"
    assert DRAFT.name in journal


@pytest.mark.parametrize("role", ["reading", "protection", "writing"])
async def test_who_does_not_administer_changes_no_role(place, role):
    place.store.entitled.grant(mailbox(COLLEAGUE), TOWN, role)
    luc = await place.entered(COLLEAGUE)
    page = await luc.get(f"/equipe/{TOWN}")
    assert (page.status_code, "Inviter un collègue" in page.text) == (200, False)
    for path in (f"/equipe/{TOWN}", f"/equipe/{TOWN}/role", f"/equipe/{TOWN}/demandes/x"):
        sent = INVITED | {"agent": "x", "reponse": "oui"}
        assert (await luc.post(path, data=sent)).status_code == 403
    seen = (await luc.get(f"/journal/{TOWN}")).status_code
    assert seen == (200 if role == "protection" else 403)


async def test_an_administrator_is_one_at_home_alone(place):
    anne = await administrator(place)
    for path in (f"/equipe/{OTHER}", f"/journal/{OTHER}"):
        assert (await anne.get(path)).status_code == 403
    assert (await anne.post(f"/equipe/{OTHER}", data=INVITED)).status_code == 403
    stranger = {"agent": place.store.sessions.open(mailbox("x@y.example"), "s", "").agent}
    for role in ("administration", "none"):
        answer = await anne.post(f"/equipe/{TOWN}/role", data=stranger | {"role": role})
        assert answer.status_code == 404


@pytest.mark.parametrize("role", ["team", "chef", ""])
async def test_no_administrator_makes_a_role_of_the_whole_observatory(place, role):
    anne = await administrator(place)
    answer = await anne.post(f"/equipe/{TOWN}", data=INVITED | {"role": role})
    assert answer.status_code == 422


async def test_nobody_changes_their_own_role(place):
    anne = await administrator(place)
    own = {"adresse": "ANNE@essai-sur-onde.example ", "role": "reading"}
    assert (await anne.post(f"/equipe/{TOWN}", data=own)).status_code == 409
    (me,) = place.store.teams.members(TOWN, "essai-sur-onde.example")
    changed = await anne.post(f"/equipe/{TOWN}/role", data={"agent": me.agent, "role": "none"})
    assert changed.status_code == 409


async def test_a_syndicate_asks_and_the_town_answers(place):
    anne, luc = await administrator(place), await colleague(place)
    for typed in ("essai sur onde", "Mairie d’Essai-sur-Onde", TOWN):
        assert "Essai-sur-Onde (" in (await luc.get("/rejoindre", params={"q": typed})).text
    asked = {"code": TOWN, "role": "administration", "pourquoi": "Le syndicat tient ses comptes"}
    assert (await luc.post("/rejoindre", data=asked)).status_code == 303
    assert "en attente" in (await luc.get("/mes-sessions")).text
    (waiting,) = place.store.teams.requests(TOWN)
    assert "Le syndicat tient" in (await anne.get(f"/equipe/{TOWN}")).text
    path = f"/equipe/{TOWN}/demandes/{waiting.id}"
    assert (await luc.post(path, data={"reponse": "oui"})).status_code == 403
    assert (await anne.post(path, data={"reponse": "oui"})).status_code == 303
    assert (await anne.post(path, data={"reponse": "non"})).status_code == 409
    assert place.store.journal.acts(TOWN)[0].about == waiting.agent
    assert (await luc.get(f"/journal/{TOWN}")).status_code == 200
    assert (await luc.post("/rejoindre", data=asked)).status_code == 409


@pytest.mark.parametrize("asked", [{"code": "99999"}, {"code": TOWN, "role": "team"}, {}])
async def test_a_request_for_nothing_known_is_refused(place, asked):
    luc = await colleague(place)
    assert (await luc.post("/rejoindre", data=asked)).status_code in (404, 422)
    assert place.store.teams.requests() == []


async def test_invitations_are_counted(place):
    anne = await administrator(place)
    answers = [
        (await anne.post(f"/equipe/{TOWN}", data=INVITED | {"adresse": f"a{n}@b.example"}))
        for n in range(31)
    ]
    assert [one.status_code for one in answers] == [303] * 30 + [429]


async def test_a_program_reads_what_its_agent_may(place):
    anne = await administrator(place)
    mine, others = (
        place.store.watches.create(DRAFT.model_copy(update={"territory": code}), ())
        for code in (TOWN, OTHER)
    )
    program = asking(place, await token(anne))
    found = await program.get("/api/v1/watches")
    assert [one["watch"] for one in found.json()] == [mine.watch]
    assert (await program.get(f"/api/v1/watches/{others.watch}")).status_code == 404
    assert (await program.post(f"/api/v1/watches/{mine.watch}/pause")).status_code == 403
    writer = asking(place, await token(anne, role="writing"))
    assert (await writer.post(f"/api/v1/watches/{mine.watch}/pause")).status_code == 200
    assert place.store.journal.acts(TOWN)[0].what == "watches.pause"


async def test_a_token_of_another_territory_opens_no_route_of_this_one(place):
    """Of every private route of the API, from the router itself: read nor changed."""
    program = asking(place, await token(await colleague(place), code=OTHER))
    made = place.store.watches.create(DRAFT.model_copy(update={"territory": TOWN}), ())
    tried = 0
    for one in routes_of(place.app):
        path = one.path or ""
        if not path.startswith("/api/") or accesses(one.dependant) == {public}:
            continue
        for method in sorted(one.methods or ()):
            sent = {"json": {"watch": NEW["watch"], "recipients": []}} if method == "POST" else {}
            asked = {} if "{" in path or method == "POST" else {"territory": TOWN}
            answer = await program.request(
                method, path.format(watch=made.watch), params=asked, **sent
            )
            assert answer.status_code in (403, 404), (method, path)
            assert made.watch not in answer.text.replace(f"/watches/{made.watch}", ""), path
            tried += 1
    assert tried >= 5
    (kept,) = place.store.watches.all()
    assert (kept.state, kept.revision) == ("active", 1)


async def test_a_token_opens_no_page(place):
    program = asking(place, await token(await administrator(place), role="writing"))
    for path in ("/mes-sessions", "/mes-jetons", f"/equipe/{TOWN}", "/veilles"):
        assert (await program.get(path)).status_code in (303, 401), path


async def test_a_token_falls_with_its_agents_rights(place):
    program = asking(place, await token(await administrator(place), role="writing"))
    watch = place.store.watches.create(DRAFT.model_copy(update={"territory": TOWN}), ())
    path = f"/api/v1/watches/{watch.watch}"
    me = mailbox("anne@essai-sur-onde.example")
    place.store.entitled.grant(me, TOWN, "reading")
    assert (await program.get(path)).status_code == 200
    assert (await program.post(f"{path}/pause")).status_code == 403
    place.store.entitled.grant(me, TOWN, "none")
    assert (await program.get(path)).status_code == 404


async def test_a_token_of_the_team_is_of_one_territory(place):
    """Whoever steals it has one territory, not the observatory."""
    team = place.browser()
    await team.post("/entrer/comme", data={"qui": "exploitation"})
    program = asking(place, await token(team))
    other = place.store.watches.create(DRAFT.model_copy(update={"territory": OTHER}), ())
    assert (await program.get(f"/api/v1/watches/{other.watch}")).status_code == 404
    assert (await program.get("/api/v1/watches")).json() == []


@pytest.mark.parametrize("stolen", ["token_key", "id", "agent"])
async def test_what_a_stolen_database_says_is_no_token(place, stolen):
    await token(await administrator(place))
    (row,) = place.rows(ApiTokenRow)
    for given in (getattr(row, stolen), "obs_" + getattr(row, stolen)):
        assert (await asking(place, given).get("/api/v1/watches")).status_code == 401


async def test_an_ended_token_is_over(place):
    anne = await administrator(place)
    program = asking(place, await token(anne))
    (row,) = place.rows(ApiTokenRow)
    other = await colleague(place)
    await other.post(f"/mes-jetons/{row.id}/fin")
    assert (await program.get("/api/v1/watches")).status_code == 200
    await anne.post(f"/mes-jetons/{row.id}/fin")
    assert (await program.get("/api/v1/watches")).status_code == 401
    assert "obs_" not in (await anne.get("/mes-jetons")).text


async def test_a_token_is_made_for_ones_own_territory(place):
    anne = await administrator(place)
    form = {"nom": "tableau", "code": OTHER}
    assert (await anne.post("/mes-jetons", data=form)).status_code == 403
    assert place.rows(ApiTokenRow) == []


async def test_every_act_has_words(visitor, place):
    """What an agent can change is in the journal's words: a page of tomorrow too."""
    changing = {
        act_of(one.dependant.call)
        for one in routes_of(place.app)
        if accesses(one.dependant) & {writes_watch, signed_in, agents}
        and {"POST"} & set(one.methods or ())
    }
    assert changing <= ACTS.keys()


async def test_a_preview_is_no_act(visitor, store, figures):
    await enter_as(visitor, "astreinte")
    form = {"territory": TOWN, "name": "Eau", "purpose": "Prévenir", "words": "eau", "apercu": "1"}
    await visitor.post("/veilles/nouvelle", data=form)
    assert store.journal.acts() == []
