import asyncio
from collections.abc import AsyncGenerator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.responses import StreamingResponse
from starlette.types import Message
from structlog.testing import capture_logs

from contracts.territories import Territories
from libs.clock import SteppedClock
from libs.settings import Settings
from services.api.app import build
from services.api.figures.queries import EngineUnavailable
from services.api.store import Store
from services.api.web.access import ACCESSES, public
from services.api.web.headers import AnswerHeaders, kept
from tests.api.answers import RecordedFigures
from tests.api.conftest import client_of
from tests.api.world import NOW

PATHS = ["/api/v1/rankings?network=bluesky", "/api/v1/territories/00101", "/nulle-part"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_simulation_says_so(portal, path):
    answer = await portal.get(path)
    assert answer.headers["x-observatoire-origine"] == "simulation"
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("path", PATHS)
async def test_a_live_installation_says_nothing_of_the_kind(places, figures, store, path):
    async with client_of(Settings(installation="live"), places, figures, store) as client:
        answer = await client.get(path)
    assert "x-observatoire-origine" not in answer.headers
    assert "x-robots-tag" not in answer.headers


async def test_the_same_answer_twice_is_not_sent_twice(portal):
    first = await portal.get(PATHS[0])
    assert first.headers["cache-control"] == "public, max-age=60"
    again = await portal.get(PATHS[0], headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await portal.get(PATHS[0], headers={"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_an_engine_away_is_told(portal, figures):
    figures.failure = EngineUnavailable("connection refused")
    answer = await portal.get(PATHS[0])
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert "moteur" in answer.json()["detail"]


async def test_a_fault_of_ours_shows_no_detail(portal, figures):
    figures.failure = RuntimeError("secret")
    with capture_logs() as noted:
        answer = await portal.get(PATHS[0])
    assert [line["event"] for line in noted] == ["unexpected"]
    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.fixture
def routes(places: Territories, figures: RecordedFigures, store: Store) -> list[RouteContext]:
    settings = Settings(installation="simulation")
    service = build(settings, figures=figures, places=places, clock=SteppedClock(NOW), store=store)
    return [one for one in iter_route_contexts(service.app.routes) if one.path is not None]


def needed(of: Dependant | None) -> set[object]:
    """Everything that a route asks for before it answers: dependencies, names of parameters."""
    if of is None:
        return set()
    names = {one.alias for one in (*of.path_params, *of.query_params)}
    return names.union(*({one.call} | needed(one) for one in of.dependencies))


SECRETS = {"token", "alert", "destinataire", *ACCESSES} - {public}
"""What opens a page to some and not to others."""


def test_what_stands_behind_a_secret_or_a_person_is_kept_by_nobody(routes):
    closed = [one for one in routes if needed(getattr(one, "dependant", None)) & SECRETS]
    assert len(closed) > 10
    for one in closed:
        for method in one.methods or ():
            assert kept(method, one.path or "", 200) == "no-store", one.path


def test_only_what_is_known_to_be_public_may_be_kept(routes):
    shared = {
        one.path
        for one in routes
        for method in one.methods or ("GET",)
        if kept(method, one.path or "", 200) != "no-store"
    }
    assert {path for path in shared if path is not None and path.count("/") == 1} == {
        "/", "/apprendre", "/accessibilite", "/donnees", "/favicon.ico", "/mentions-legales",
        "/methodologie", "/palmares", "/recherche", "/robots.txt", "/sources", "/static",
        "/vos-droits",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/a-page-of-tomorrow", 200),
        ("GET", "/api/v1/things", 200),
        ("GET", "/territoiresx/1", 200),
        ("POST", "/palmares", 200),
        ("GET", "/palmares", 404),
    ],
)
def test_nobody_keeps_what_is_not_listed(method, path, status):
    assert kept(method, path, status) == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/palmares", "/static/portail.css", PATHS[0], "/nulle-part", "/robots.txt"]
)
async def test_a_head_is_answered_as_a_get_without_its_body(portal, path):
    asked, headed = await portal.get(path), await portal.head(path)
    assert (headed.status_code, headed.content) == (asked.status_code, b"")
    for name in ("content-type", "content-length", "cache-control", "etag"):
        assert headed.headers.get(name) == asked.headers.get(name)


async def test_a_head_does_nothing_where_there_is_only_a_post(portal):
    assert (await portal.head("/exploitation/arreter")).status_code == 405


@pytest.mark.parametrize(
    ("installation", "line"), [("simulation", "Disallow: /\n"), ("live", "Disallow: /alertes/\n")]
)
async def test_robots_are_told_where_not_to_go(places, figures, store, installation, line):
    settings = Settings(installation=installation)
    async with client_of(settings, places, figures, store) as client:
        answer = await client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert line in answer.text
    assert ("Disallow: /\n" in answer.text) is (installation == "simulation")


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/favicon.ico", "/static/observatoire.svg"),
        ("/docs", "/donnees#api"),
        ("/redoc", "/donnees#api"),
        ("/api", "/donnees#api"),
        ("/api/v1", "/donnees#api"),
    ],
)
async def test_addresses_that_programs_try_lead_somewhere(portal, path, leads_to):
    answer = await portal.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, leads_to)
    assert (await portal.get(leads_to.partition("#")[0])).status_code == 200


@pytest.mark.parametrize("failure", [EngineUnavailable("refused"), RuntimeError("a bug")])
async def test_neither_log_nor_page_repeats_the_secret_of_a_link(
    portal, store, monkeypatch, failure
):
    def fails(_: str) -> None:
        raise failure

    found = await portal.get("/veilles/confirmer/s3cr3t")
    monkeypatch.setattr(store.watches, "asked", fails)
    with capture_logs() as noted:
        failed = await portal.get("/veilles/confirmer/s3cr3t")
    assert failed.status_code >= 500
    assert [line["path"] for line in noted] == ["/veilles/confirmer/…"]
    for text in (found.text, failed.text, str([{**one, "exc_info": ""} for one in noted])):
        assert "s3cr3t" not in text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_an_answer_made_while_it_is_sent_goes_as_it_comes(method):
    sent: list[Message] = []
    seen: list[int] = []

    async def parts() -> AsyncGenerator[bytes]:
        for part in (b"one", b"two"):
            seen.append(len(sent))
            yield part

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {}

    app = AnswerHeaders(StreamingResponse(parts()), simulation=True)
    scope = {"type": "http", "method": method, "path": "/donnees", "headers": []}
    await app(scope, receive, send)
    assert seen == [1, 2]
    assert dict(sent[0]["headers"])[b"x-observatoire-origine"] == b"simulation"
    bodies = b"".join(message["body"] for message in sent[1:])
    assert bodies == (b"onetwo" if method == "GET" else b"")
