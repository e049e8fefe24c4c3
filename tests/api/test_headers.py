import httpx
import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from openapi_spec_validator import validate
from structlog.testing import capture_logs

from contracts.territories import Territories
from services.api import pages
from services.api.headers import kept
from services.api.problems import logged
from services.api.queries import EngineUnavailable
from services.api.routes import watches
from services.api.store import Store
from services.process import Settings
from tests.api.conftest import client_of
from tests.api.world import MadeUpFigures

PATHS = ["/api/v1/rankings?network=bluesky", "/api/v1/territories/00101", "/nulle-part"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_simulation_says_so(portal: httpx.AsyncClient, path: str):
    answer = await portal.get(path)
    assert answer.headers["x-observatoire-origine"] == "simulation"
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("path", PATHS)
async def test_a_live_installation_says_nothing_of_the_kind(
    places: Territories, figures: MadeUpFigures, store: Store, path: str
):
    async with client_of(Settings(installation="live"), places, figures, store) as client:
        answer = await client.get(path)
    assert "x-observatoire-origine" not in answer.headers
    assert "x-robots-tag" not in answer.headers


async def test_the_same_answer_twice_is_not_sent_twice(portal: httpx.AsyncClient):
    first = await portal.get(PATHS[0])
    assert first.headers["cache-control"] == "public, max-age=60"
    again = await portal.get(PATHS[0], headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await portal.get(PATHS[0], headers={"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_an_engine_away_is_told(portal: httpx.AsyncClient, figures: MadeUpFigures):
    figures.failure = EngineUnavailable("connection refused")
    answer = await portal.get(PATHS[0])
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert "moteur" in answer.json()["detail"]


async def test_a_fault_of_ours_shows_no_detail(portal: httpx.AsyncClient, figures: MadeUpFigures):
    figures.failure = RuntimeError("secret")
    with capture_logs() as noted:
        answer = await portal.get(PATHS[0])
    assert [line["event"] for line in noted] == ["unexpected"]
    assert answer.status_code == 500
    assert "secret" not in answer.text


async def test_openapi_is_valid(portal: httpx.AsyncClient):
    description = (await portal.get("/api/v1/openapi.json")).json()
    validate(description)
    paths = set(description["paths"])
    assert "/api/v1/rankings" in paths
    assert not [path for path in paths if path.endswith(".csv")]


@pytest.mark.parametrize(
    "router", [pages.watches.router, pages.watches.agents, pages.alerts.router, watches.router]
)
def test_what_stands_behind_a_secret_or_a_person_is_kept_by_nobody(router: APIRouter) -> None:
    prefix = "/api/v1" if router is watches.router else ""
    paths = [route.path for route in router.routes if isinstance(route, APIRoute)]
    assert paths
    assert {kept(prefix + path, 200) for path in paths} == {"no-store"}


def test_a_log_keeps_no_secret_of_a_link() -> None:
    assert logged("/veilles/confirmer/s3cr3t") == "/veilles/confirmer/…"
    assert logged("/territoires/00101") == "/territoires/00101"
