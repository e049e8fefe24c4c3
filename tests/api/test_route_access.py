"""Every route says who may; what is of a territory is tried by each kind of person."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from contracts.territories import Territories
from libs.clock import SteppedClock
from services.api.app import build
from services.api.store import Store
from services.api.web.access import (
    ACCESSES,
    administers,
    administers_itself,
    agents,
    in_team,
    reads_journal,
    reads_territory,
    reads_watch,
    signed_in,
    tries,
    writes_territory,
    writes_watch,
)
from tests.api.answers import RecordedFigures
from tests.api.conftest import BEARER, SIMULATION, enter_as
from tests.api.store.test_store_watches import DRAFT as ANY
from tests.api.world import NOW
from tests.portal.test_watches import ADDRESS, TYPED, an_alert

DRAFT = ANY.model_copy(update={"territory": "00101"})
TEAM = {reads_territory, writes_territory, administers, administers_itself, reads_journal}
PRIVATE = {agents, reads_watch, writes_watch, tries} | TEAM
"""Accesses of what belongs to one territory."""

NEW = {"watch": DRAFT.model_dump(mode="json"), "recipients": []}
FORM = TYPED | {"creer": "1", "muette": "1"}
SENT = {
    "/veilles/{watch}/modifier": FORM | {"settled": "1"},
    "/veilles/{watch}/destinataires": {"adresse": "b@essai-sur-onde.example"},
    "/veilles/{watch}/destinataires/retrait": {"destinataire": "{name}"},
    "/veilles/{watch}/destinataires/renvoi": {"destinataire": "{name}"},
    "/veilles/nouvelle": FORM,
    "/equipe/{code}": {"adresse": "luc@syndicat.example", "role": "writing"},
    "/equipe/{code}/comptes": {"adresse": "https://bsky.app/profile/v.example", "preuve": "x" * 10},
    "/equipe/{code}/declarer": {"compte": ""},
    "/equipe/{code}/contexte/moyens": {"etp": "0,5"},
    "/equipe/{code}/contexte/mois": {"periode": "2026-10", "cause": "flood"},
    "/equipe/{code}/communes": {"commune": "00102", "preuve": "convention du 3 mars"},
    "/equipe/{code}/communes/identite": {"nom": "Syndicat"},
    "/equipe/{code}/communes/{commune}/fin": {},
    "/equipe/{code}/delegation/{delegate}": {"reponse": "non"},
    "/equipe/{code}/reperes": {"compte": "x", "jour": "2026-11-02", "texte": "piscine"},
    "/equipe/{code}/reperes/{note}": {"jour": "2026-11-02", "texte": "piscine"},
    "/equipe/{code}/reperes/{note}/effacer": {},
    "/equipe/{code}/lundi": {"adresse": "luc@syndicat.example"},
    "/equipe/{code}/lundi/fin": {},
    "/equipe/{code}/elections": {"reponse": "concerned", "periode": "presidentielle-2027"},
    "/equipe/{code}/declarer/{declaration}/supprimer": {},
    "/equipe/{code}/connecter/{account}": {},
    "/equipe/{code}/connecter/{account}/retirer": {},
    "/equipe/{code}/role": {"agent": "x", "role": "none"},
    "/equipe/{code}/demandes/{request_id}": {"reponse": "oui"},
}
"""What a form of that page sends; the others send nothing."""


def routes_of(app: object) -> Iterator[RouteContext]:
    """The routes of ours, without mounts of files."""
    for one in iter_route_contexts(app.routes):  # type: ignore[attr-defined]
        if one.path is not None and getattr(one, "dependant", None) is not None:
            yield one


def accesses(of: Dependant) -> set[object]:
    """The accesses that a route declares, itself or by its router."""
    return {one.call for one in of.dependencies}.intersection(ACCESSES).union(
        *(accesses(one) for one in of.dependencies)
    )


@pytest.fixture(scope="module")
def app(places: Territories):
    store = Store("sqlite://", origin="simulation", now=lambda: NOW)
    yield build(
        SIMULATION, figures=RecordedFigures(), places=places, clock=SteppedClock(NOW), store=store
    ).app
    store.close()


def test_every_route_declares_one_access(app):
    found = {
        f"{sorted(one.methods or ())} {one.path}": accesses(one.dependant) for one in routes_of(app)
    }
    assert len(found) > 70
    assert {path: said for path, said in found.items() if len(said) != 1} == {}


def test_a_route_without_access_is_found(app):
    @app.get("/a-page-of-tomorrow")
    def tomorrow() -> None: ...

    assert [one.path for one in routes_of(app) if not accesses(one.dependant)] == [
        "/a-page-of-tomorrow"
    ]
    app.router.routes.pop()


@pytest.fixture
def private(app) -> list[tuple[str, str, set[object]]]:
    """Method, path and access of every route of what belongs to one territory."""
    return [
        (method, one.path or "", accesses(one.dependant))
        for one in routes_of(app)
        for method in sorted(one.methods or ())
        if accesses(one.dependant) & PRIVATE
    ]


async def asked(client: httpx.AsyncClient, store: Store, method: str, path: str) -> httpx.Response:
    """Ask a route about a new watch of Essai-sur-Onde."""
    made = store.watches.create(DRAFT, (ADDRESS,))
    given = {
        "watch": made.watch,
        "alert": "alerte-1",
        "name": made.recipient_name(ADDRESS),
        "code": DRAFT.territory,
        "request_id": "x",
        "declaration": "x",
        "note": "x",
        "commune": "x",
        "delegate": "x",
        "account": "x",
    }
    data = {name: value.format(**given) for name, value in SENT.get(path, {}).items()}
    content = {"json": NEW} if path.startswith("/api/") else {"data": data}
    sent = content if method == "POST" else {}
    return await client.request(method, path.format(**given), **sent)


WORDS = ("astreinte@", DRAFT.name, "coupure")


async def test_a_visitor_reads_and_changes_nothing_of_a_territory(private, visitor, store):
    assert len(private) > 20
    for method, path, said in private:
        before = [one.model_dump() for one in store.watches.all()]
        answer = await asked(visitor, store, method, path)
        if said == {tries} and method == "GET":
            assert answer.status_code == 200
            continue
        assert answer.status_code in (303, 401), path
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/entrer?vers=")
        assert said == {tries} or not any(word in answer.text for word in WORDS), path
        assert len(store.watches.all()) == len(before) + 1, path


@pytest.mark.parametrize("who", ["directrice", "metropole", "departement"])
async def test_the_agent_of_another_territory_neither(private, visitor, store, figures, who):
    await enter_as(visitor, who)
    for method, path, said in private:
        answer = await asked(visitor, store, method, path)
        watch = store.watches.all()[0]
        if said & {agents, tries} and method == "GET":
            assert answer.status_code == 200, path
            assert watch.watch not in answer.text, path
        else:
            expected = 403 if said & ({agents, tries} | TEAM) else 404
            assert answer.status_code == expected, (method, path)
        assert not any(word in answer.text for word in WORDS[:2]) or said == {tries}, path
        assert (watch.state, watch.revision, len(watch.recipients)) == ("active", 1, 1), path


async def test_its_own_agent_does_all_of_it(private, visitor, store, figures):
    await enter_as(visitor, "astreinte")
    for method, path, said in private:
        if said & TEAM:
            continue
        for watch in store.watches.all():
            store.watches.move(watch.watch, "ended")
        made = store.watches.create(DRAFT, (ADDRESS,))
        an_alert(figures, made.watch)
        given = {"watch": made.watch, "alert": "alerte-1", "name": made.recipient_name(ADDRESS)}
        data = {name: value.format(**given) for name, value in SENT.get(path, {}).items()}
        sent = (
            ({"json": NEW} if path.startswith("/api/") else {"data": data})
            if method == "POST"
            else {}
        )
        answer = await visitor.request(method, path.format(**given), **sent)
        assert answer.status_code in (200, 201, 303), (method, path, answer.text[:2000])
        assert "/entrer" not in answer.headers.get("location", ""), path


@pytest.mark.parametrize(
    ("who", "home", "may"),
    [
        ("directrice", "00104", {reads_territory}),
        ("communication", "00101", {reads_territory, writes_territory}),
        ("metropole", "000000001", TEAM),
        ("exploitation", "00101", TEAM),
    ],
)
async def test_who_sees_and_changes_the_team(private, visitor, who, home, may):
    await enter_as(visitor, who)
    tried = [(method, path, said) for method, path, said in private if said & TEAM]
    assert len(tried) == 32
    given = {"code": home} | dict.fromkeys(
        ("request_id", "declaration", "name", "account", "note", "commune", "delegate"), "x"
    )
    for method, path, said in tried:
        sent = {"data": SENT[path]} if method == "POST" else {}
        answer = await visitor.request(method, path.format(**given), **sent)
        assert (answer.status_code != 403) == bool(said & may), (method, path)


async def test_reading_is_not_writing(private, visitor, store):
    """« La directrice » reads her town's watches and changes none of them."""
    await enter_as(visitor, "directrice")
    town = DRAFT.model_copy(update={"territory": "00104"})
    for method, path, said in private:
        if said not in ({reads_watch}, {writes_watch}):
            continue
        made = store.watches.create(town, (ADDRESS,))
        given = {"watch": made.watch, "alert": "alerte-1"}
        answer = await visitor.request(method, path.format(**given))
        expected = (403,) if said == {writes_watch} else (200, 404)
        assert answer.status_code in expected, (method, path)
    refused = await visitor.post("/veilles/nouvelle", data=FORM | {"territory": "00104"})
    assert refused.status_code == 403


async def test_a_watch_is_not_given_to_another_territory(visitor, store):
    await enter_as(visitor, "astreinte")
    made = store.watches.create(DRAFT, ())
    moved = FORM | {"territory": "00104", "settled": str(made.settled)}
    answer = await visitor.post(f"/veilles/{made.watch}/modifier", data=moved)
    assert answer.status_code == 403
    assert store.watches.get(made.watch).territory == DRAFT.territory


async def test_the_operator_has_every_watch(visitor, store):
    made = store.watches.create(DRAFT, ())
    found = (await visitor.get("/api/v1/watches", headers=BEARER)).json()
    assert [one["watch"] for one in found] == [made.watch]
    assert (
        await visitor.post(f"/api/v1/watches/{made.watch}/end", headers=BEARER)
    ).status_code == 200


async def test_an_agent_lists_its_own_alone(visitor, store):
    await enter_as(visitor, "astreinte")
    mine = store.watches.create(DRAFT, ())
    store.watches.create(DRAFT.model_copy(update={"territory": "00104"}), ())
    assert [one["watch"] for one in (await visitor.get("/api/v1/watches")).json()] == [mine.watch]
    other = {"territory": "00104"}
    assert (await visitor.get("/api/v1/watches", params=other)).status_code == 403


async def test_what_is_an_agents_own_needs_a_session(app, visitor):
    own = [one for one in routes_of(app) if accesses(one.dependant) == {signed_in}]
    assert len(own) == 13
    for one in own:
        for method in one.methods or ():
            named = {"session": "x", "token": "x", "slug": "mensuel", "code": "00105"}
            named["network"] = "x"
            answer = await visitor.request(method, (one.path or "").format(**named))
            assert answer.status_code in (303, 401)


DOORS = ("communication", "metropole", "directrice", "departement", "astreinte")


async def test_the_desk_is_the_teams_in_a_demonstration_too(app, visitor):
    """What it reads and decides was open to whoever typed its address."""
    desk = [one for one in routes_of(app) if accesses(one.dependant) == {in_team}]
    paths = [one.path or "" for one in routes_of(app) if (one.path or "").startswith("/bureau")]
    assert {*paths, "/contestations"} <= {one.path for one in desk}
    asked = [(method, one.path or "") for one in desk for method in one.methods or ()]
    given = {"account": "x", "contest": "x", "copy": "x", "demand": "x"}
    for who in (None, *DOORS):
        if who:
            await enter_as(visitor, who)
        for method, path in asked:
            answer = await visitor.request(method, path.format(**given))
            refused = (403,) if who else (303, 401)
            assert answer.status_code in refused, (who, method, path)
            assert who or "/entrer" in answer.headers.get("location", "/entrer"), path
    await enter_as(visitor, "exploitation")
    for method, path in asked:
        answer = await visitor.request(method, path.format(**given))
        assert answer.status_code not in (401, 403), (method, path)
