"""Every route there is, one of tomorrow too, is sent what nobody honest sends.

Who asks may do everything: what stops them is not that they may not. What is of one territory is
tried by agents of another in `test_route_access.py`.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from contracts.territories import Territories
from libs.clock import SteppedClock
from services.api.app import build
from services.api.store import Store
from services.api.web.gate import LARGEST_BODY, LARGEST_UPLOAD, leads_here
from tests.api.answers import ANSWERS, RecordedFigures, question
from tests.api.conftest import BEARER, SIMULATION
from tests.api.test_route_access import DRAFT, SENT, routes_of
from tests.api.world import NOW
from tests.portal.test_watches import ADDRESS, an_alert

HOST = "portail.example"
NAMED = {
    "code": "00101", "account": "00101-bluesky", "compte": "00101-bluesky", "network": "bluesky",
    "reseau": "bluesky", "periode": "2026-10", "period": "2026-10", "year": "2026", "kind": "svg",
    "slug": "mensuel", "alert": "alerte-1", "q": "essai", "adresse": "anne@essai.example",
}  # fmt: skip
"""What parameters name, by the name that they have."""

GIVEN = {
    "a NUL": "a%00b",
    "ends of lines": "a%0d%0aset-cookie:%20evil=1%0d%0a%0d%0a",
    "bytes that are no text": "%ff%fe",
    "half a sign": "%ed%a0%80",
    "marks of a terminal": "%1b%5b2J%e2%80%ae",
    "another site": "%2F%2Fevil.example",
    "another site, by a backslash": "%2F%5Cevil.example",
    "an address of elsewhere": "https:%2F%2Fevil.example%2F",
    "a script": "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "an attribute": "%22%20onmouseover=%22alert(1)",
    "digits without end": "9" * 400,
    "digits of another script": quote("٩" * 20),
    "a climb": "..%2F..%2F..%2Fetc%2Fpasswd",
    "a template": "%7B%7B7*7%7D%7D",
    "a query": "'%20OR%201=1%20--%20%25_",
    "nothing": "",
    "much": "x" * 20_000,
}
"""As an address writes them."""

FIRST = ("a NUL", "another site, by a backslash", "an attribute", "nothing")
"""Those tried at each run of the fast tests: the others take half a minute and find the like."""

WRITTEN = re.compile(r"<script>alert|\" onmouseover=|root:x:0", re.IGNORECASE)
"""What no page may repeat as it was given."""


class Figures(RecordedFigures):
    """Figures of the small country, none of what nobody named."""

    async def _rows(self, view: Any, parameters: dict[str, str]) -> list[Any]:
        asked_before = question(parameters) in ANSWERS[view.name].of
        if asked_before or view.name in self.given or hasattr(self, f"_{view.name}"):
            return await super()._rows(view, parameters)
        return []


@dataclass(frozen=True)
class Way:
    """A route: its method, its path, the names of what it takes by address and by form."""

    method: str
    path: str
    asked: tuple[str, ...]
    sent: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@pytest.fixture(scope="module")
def ways(places: Territories) -> list[Way]:
    held = Store("sqlite://", origin="simulation", now=lambda: NOW)
    service = build(
        SIMULATION, figures=Figures(), places=places, clock=SteppedClock(NOW), store=held
    )
    found = [
        Way(
            method,
            one.path or "",
            tuple(each.alias for each in one.dependant.query_params),
            tuple({each.alias: "" for each in one.dependant.body_params} | SENT.get(one.path, {})),
        )
        for one in routes_of(service.app)
        for method in sorted(one.methods or ())
    ]
    held.close()
    assert len(found) > 180
    return found


@pytest.fixture
async def able(places, store, monkeypatch) -> AsyncIterator[httpx.AsyncClient]:
    """A program with the operator's token, that nothing slows."""
    monkeypatch.setattr("services.api.throttle.Throttle.check", lambda *_, **__: None)
    figures = Figures()
    settings = SIMULATION.model_copy(update={"allowed_hosts": (HOST,), "kafka_url": "127.0.0.1:9"})
    service = build(settings, figures=figures, places=places, clock=SteppedClock(NOW), store=store)
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        client.headers.update(BEARER)
        client.figures = figures  # type: ignore[attr-defined]
        yield client


def known(way: Way, store: Store, client: Any) -> dict[str, str]:
    """What each parameter is, where nothing is wrong with it."""
    names = NAMED
    if "watch" in way.path or "alert" in way.path:
        made = store.watches.create(DRAFT, (ADDRESS,))
        an_alert(client.figures, made.watch)
        mine = {"watch": made.watch, "veille": made.watch, "territoire": "00101"}
        names = names | mine | {"destinataire": made.recipient_name(ADDRESS)}
    typed = {name: quote(str(value)) for name, value in SENT.get(way.path, {}).items()}
    return {name: quote(value) for name, value in names.items()} | typed


async def asked(
    client: httpx.AsyncClient, way: Way, said: dict[str, str], **given: Any
) -> httpx.Response:
    """Ask a route, its parameters as an address writes them; what is not said is `x`."""
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda one: said.get(one[1], "x") or "%20", way.path)
    query = "&".join(f"{name}={said[name]}" for name in way.asked if name in said)
    form = "&".join(f"{name}={said[name]}" for name in way.sent if name in said)
    sent: dict[str, Any] = {}
    if way.method == "POST":
        kind = {"content-type": "application/x-www-form-urlencoded"}
        sent = {"content": form.encode(), "headers": kind}
    sent["headers"] = sent.get("headers", {}) | given.pop("headers", {})
    return await client.request(way.method, f"{path}?{query}", **sent | given)


def tries(way: Way, said: dict[str, str], value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """One parameter wrong at a time, the others as they are: which, and all."""
    for name in (*re.findall(r"\{(\w+)", way.path), *way.asked, *way.sent):
        yield name, said | {name: value}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=name, marks=() if name in FIRST else pytest.mark.proof)
        for name, value in GIVEN.items()
    ],
)
async def test_nothing_that_is_given_makes_a_fault_or_leaves(able, store, ways, value):
    found: dict[str, str] = {}
    statuses = Counter[int]()
    for way in ways:
        for name, said in tries(way, known(way, store, able), value):
            answer = await asked(able, way, said)
            statuses[answer.status_code] += 1
            if why := wrong(answer):
                found[f"{way} {name}"] = why
    assert found == {}
    assert statuses.total() > 250
    assert len(statuses) > 3


def wrong(answer: httpx.Response) -> str:
    """Say what is wrong with an answer; nothing for one that nobody can use."""
    if answer.status_code >= 500:
        return f"{answer.status_code}: {answer.text[-200:]}"
    if not answer.headers.get("content-security-policy", "").startswith("default-src 'none'"):
        return "no policy"
    if answer.headers.get("x-observatoire-origine") != "simulation":
        return "no mark"
    for name, value in answer.headers.raw:
        if re.search(rb"[\x00-\x1f\x7f]", name + value):
            return f"{name!r}: {value!r}"
    if not leads_here(answer.headers.get("location", "/")):
        return f"leads to {answer.headers['location']}"
    if "html" in answer.headers.get("content-type", "") and (said := WRITTEN.search(answer.text)):
        return f"repeats {said[0]}"
    return ""


ELSEWHERE = {
    "fetch metadata, cross-site": {"sec-fetch-site": "cross-site"},
    "fetch metadata, same-site": {"sec-fetch-site": "same-site"},
    "origin": {"origin": "https://evil.example"},
    "origin null": {"origin": "null"},
}


@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
async def test_no_form_of_another_site_is_taken(able, store, ways, headers):
    acting = [way for way in ways if way.method != "GET"]
    assert len(acting) > 60
    found = {}
    for way in acting:
        answer = await asked(able, way, known(way, store, able), headers=headers)
        found[str(way)] = answer.status_code
    assert {way: status for way, status in found.items() if status != 403} == {}


async def test_no_route_answers_by_another_name(able, store, ways):
    found = {}
    for way in ways:
        answer = await asked(able, way, known(way, store, able), headers={"host": "evil.example"})
        found[str(way)] = answer.status_code
    assert {way: status for way, status in found.items() if status != 421} == {}


async def test_no_route_takes_more_than_a_form_is(able, store, ways):
    found = {}
    for way in (way for way in ways if way.method != "GET"):
        most = LARGEST_UPLOAD if way.path.endswith("/declarer") else LARGEST_BODY
        large = {"content": b"x" * (most + 1)}
        answer = await asked(able, way, known(way, store, able), **large)
        found[str(way)] = answer.status_code
    assert {way: status for way, status in found.items() if status != 413} == {}
