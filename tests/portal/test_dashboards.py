"""Every panel of every dashboard on the portal: figures of the engine, curves of Prometheus."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.operations.alerting import SERVICES
from contracts.panels import DASHBOARDS
from contracts.panels.exploitation import MEASURES
from libs.charts import measured
from libs.settings import Settings
from services.api.figures.queries import Queries
from services.api.operations.prometheus import Firing, PrometheusUnavailable, Series, firing, read
from services.api.pages.operating import dashboards
from tests.api.conftest import SIMULATION, client_of
from tests.api.engine_world import fill

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
LAG = MEASURES[0]


def answering(request: httpx.Request) -> httpx.Response:
    end = float(dict(httpx.QueryParams(request.content.decode()))["end"])
    values = [[end - 60 * n, "NaN" if n == 3 else str(n)] for n in range(9, -1, -1)]
    result = [{"metric": {"group": name}, "values": values} for name in SERVICES]
    return httpx.Response(200, json={"status": "success", "data": {"result": result}})


async def test_curves_are_named_by_their_legend_and_hold_numbers_only():
    found = await read("http://p", LAG, timedelta(hours=1), NOW, httpx.MockTransport(answering))
    assert [one.name for one in found] == list(SERVICES)
    assert [value for _, value in found[0].points] == [9, 8, 7, 6, 5, 4, 2, 1, 0]
    assert found[0].points[-1][0] == NOW


async def test_alerts_that_fire_are_told_with_their_runbook(portal, monkeypatch):
    def answer(_: httpx.Request) -> httpx.Response:
        def alert(name: str, state: str, waits: str) -> dict[str, object]:
            said = {"summary": f"alerte-{name}, 24.73%", "monday": f"Peut attendre lundi : {waits}"}
            noted = said | {"runbook_url": "https://forge.example/runbooks/lag.md"}
            return {"labels": {"alertname": name}, "annotations": noted, "state": state}

        alerts = [alert("A", "firing", "oui"), alert("B", "pending", "non"),
                  alert("C", "firing", "non")]  # fmt: skip
        return httpx.Response(200, json={"data": {"alerts": alerts}})

    found = await firing("http://p", httpx.MockTransport(answer))
    assert [one.name for one in found] == ["C", "A"]

    async def told(_: object) -> object:
        return found

    async def nothing(*_: object) -> list[Series]:
        return [Series("x", ((NOW, 1.0),))]

    monkeypatch.setattr(dashboards, "ask_firing", told)
    monkeypatch.setattr(dashboards, "read", nothing)
    page = (await portal.get(f"{dashboards.PAGE}/exploitation")).text
    assert page.index("alerte-C") < page.index("alerte-A")
    assert 'href="https://forge.example/runbooks/lag.md"' in page
    assert "24,7\u202f%" in page


@pytest.mark.parametrize(
    "answer", [httpx.Response(503), httpx.Response(200, json={"status": "error"})]
)
async def test_a_prometheus_that_fails_is_told(answer):
    with pytest.raises(PrometheusUnavailable):
        await read("http://p", LAG, timedelta(hours=1), NOW, httpx.MockTransport(lambda _: answer))
    with pytest.raises(PrometheusUnavailable, match="PROMETHEUS_URL"):
        await read(None, LAG, timedelta(hours=1), NOW)


@pytest.fixture(scope="module")
def filled(clickhouse_url: str, database: str) -> tuple[str, str]:
    asyncio.run(fill(clickhouse_url, database))
    return clickhouse_url, database


@pytest.mark.proof
@pytest.mark.engine
async def test_every_panel_is_seen_with_figures(filled, places, store):
    figures = Queries(*filled)
    async with client_of(SIMULATION, places, figures, store) as portal:
        for board in DASHBOARDS:
            answer = await portal.get(f"{dashboards.PAGE}/{board.slug}?compte=00101-bluesky")
            assert answer.status_code == 200, board.slug
            for one in (*board.panels, *board.measures):
                assert f'id="{one.slug}"' in answer.text
            if board.slug != "comparer":  # beside it stands an account that published nothing
                assert "Aucun chiffre" not in answer.text, board.slug
            assert "PROMETHEUS_URL" in answer.text or not board.measures
            for address in set(re.findall(r'src="(/graphiques/[^"]+)"', answer.text)):
                picture = await portal.get(address.replace("&amp;", "&"))
                assert picture.status_code == 200, address
    await figures.stop()


async def nothing_fires(_: object) -> list[Firing]:
    return []


async def test_a_measure_is_drawn(portal, monkeypatch):
    async def found(*_: object) -> list[Series]:
        points = tuple((NOW - timedelta(minutes=n), float(n)) for n in range(9, -1, -1))
        return [Series("scorer", points), Series("alerts", points[:5])]

    monkeypatch.setattr(dashboards, "read", found)
    monkeypatch.setattr(dashboards, "ask_firing", nothing_fires)
    page = (await portal.get(f"{dashboards.PAGE}/exploitation")).text
    (address,) = {one for one in re.findall(r'src="([^"]+)"', page) if f"/{LAG.slug}.svg" in one}
    picture = await portal.get(address)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "scorer" in picture.text
    assert (await portal.get(f"{dashboards.PAGE}/exploitation/nothing.svg")).status_code == 404
    assert (await portal.get(f"{dashboards.PAGE}/nothing")).status_code == 404


@pytest.mark.proof
@pytest.mark.parametrize("measure", [one for board in DASHBOARDS for one in board.measures],
                         ids=lambda one: one.slug)  # fmt: skip
@pytest.mark.parametrize("value", [0.0, 0.5, 1e6])
def test_any_value_is_drawn(measure, value):
    curves = [(f"n{n}", [(NOW, value), (NOW + timedelta(hours=1), value)]) for n in range(12)]
    assert "SIMULATION" in measured.svg(measure, curves, simulation=True)
    assert measured.svg(measure, [("none", [])], simulation=True) == ""


def test_curves_that_are_not_drawn_are_counted_and_long_names_are_whole():
    names = [f"scorer mentions.observed.v1 {n}" for n in range(12)]
    curves = [(name, [(NOW, 1.0), (NOW + timedelta(hours=1), 2.0)]) for name in names]
    drawn = measured.svg(LAG, curves, simulation=False)
    assert "Les 8 plus hautes, sur 12" in drawn
    assert names[7] in drawn
    assert names[8] not in drawn
    assert "…" not in drawn


def test_over_days_a_curve_says_the_days():
    for hours, by_days in ((6, False), (168, True)):
        points = [(NOW - timedelta(hours=hours * n / 9), 1.0) for n in range(9, -1, -1)]
        drawn = measured.svg(LAG, [("scorer", points)], simulation=False)
        assert (":00<" in drawn) is not by_days
        assert ("nov." in drawn) is by_days


async def test_the_public_sees_none_of_it(portal, places, figures, store):
    live = Settings(installation="live", operator_token="s3cret-of-the-operator")
    async with client_of(live, places, figures, store) as stranger:
        for path in ("", "/exploitation", f"/exploitation/{LAG.slug}.svg"):
            assert (await stranger.get(f"{dashboards.PAGE}{path}")).status_code == 401
