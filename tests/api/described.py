"""Requests drawn from the description of the api, by a visitor, an agent and the desk.

Run by `test_described.py` in a process of its own: pytest would import schemathesis for every run.
Of one seed; a failure prints its request as a command of curl.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from schemathesis.transport import requests as transport

from libs.clock import SteppedClock
from services.api.app import build
from services.api.figures.queries import Queries
from services.api.store import Store
from tests.api.conftest import BEARER, SIMULATION
from tests.api.world import NOW, territories

ENGINE = "OBSERVATOIRE_DESCRIBED_BY"
"""Address and database of a filled engine."""

EXAMPLES = 25
"""Requests of an operation at most, drawn at random; those at the edges of its types besides."""

HOST = "http://portail.example"
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


# It counts connections of urllib3 to resend what was dropped; urllib3-future, which the client of
# Grafana brings, counts otherwise, and in memory there is none.
transport._count_opened_connections = lambda _: 0


def application() -> Any:
    """Return the api on the engine that the environment names, its state in a file."""
    folder = Path(tempfile.mkdtemp(prefix="described"))
    store = Store(f"sqlite:///{folder / 'state.db'}", origin="simulation", now=lambda: NOW)
    store.migrate()
    return build(
        SIMULATION.model_copy(update={"kafka_url": "127.0.0.1:9", "allowed_hosts": ("*",)}),
        figures=Queries(*os.environ[ENGINE].split()),
        places=territories(),
        clock=SteppedClock(NOW),
        store=store,
    ).app


async def entered() -> dict[str, str]:
    """Return what the browser of « l’astreinte » sends with each request."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=HOST) as client:
        await client.post("/entrer/comme", data={"qui": "astreinte"}, headers={"origin": HOST})
        cookie = f"session={client.cookies['session']}"
        mine = await client.get("/mes-sessions", headers={"cookie": cookie})
        assert mine.status_code == 200
    return {"origin": HOST, "host": "portail.example", "cookie": cookie}


APP = application()
AGENT = asyncio.run(entered())

schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", APP)
drawn = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@drawn
def test_a_visitor_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS)


@schema.parametrize()
@drawn
def test_an_agent_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS, headers=AGENT)


@schema.parametrize()
@drawn
def test_the_desk_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=CHECKS, headers=BEARER)
