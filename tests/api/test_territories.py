import httpx
import pytest

from services.api.csv_files import FORMULA_SIGNS
from tests.api.world import every_account


async def test_search_finds_the_invented_and_the_real(portal: httpx.AsyncClient):
    found = (await portal.get("/api/v1/territories", params={"q": "essai sur"})).json()
    assert [one["name"] for one in found] == ["Essai-sur-Onde"]
    assert found[0]["measured"] is True
    real = (await portal.get("/api/v1/territories", params={"q": "Lens"})).json()[0]
    assert (real["code"], real["origin"], real["measured"]) == ("62498", "registry", False)


async def test_a_real_territory_has_facts_and_no_accounts_in_a_simulation(
    portal: httpx.AsyncClient, figures
):
    real = (await portal.get("/api/v1/territories/62498")).json()
    assert real["population"] > 30_000
    assert real["accounts"] == []
    assert figures.asked == []


async def test_a_null_counter_says_why(portal: httpx.AsyncClient):
    accounts = (await portal.get("/api/v1/territories/00101")).json()["accounts"]
    facebook = next(one for one in accounts if one["network"] == "facebook")
    assert facebook["followers"] is None
    assert facebook["absent"]["followers"] == "not_permitted"


async def test_an_elected_persons_own_account_is_not_the_territorys(
    portal: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    def kinds() -> list[dict[str, object]]:
        return [
            row | changes
            for row, changes in zip(
                every_account(),
                ({"owner_kind": "personne"}, {"state": "candidate"}),
                strict=False,
            )
            if row["home_territory"] == "00101"
        ]

    monkeypatch.setattr("tests.api.world.every_account", kinds)
    shown = (await portal.get("/api/v1/territories/00101")).json()["accounts"]
    assert shown == []
    page = (await portal.get("/territoires/00101")).text
    assert "Aucun compte connu" in page
    assert "essai-sur-onde.example" not in page


async def test_a_former_code_leads_to_the_territory(portal: httpx.AsyncClient):
    assert (await portal.get("/api/v1/territories/13201")).json()["name"] == "Marseille"


async def test_an_unknown_code_is_a_problem_in_french(portal: httpx.AsyncClient):
    answer = await portal.get("/api/v1/territories/nulle-part")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Aucune collectivité" in answer.json()["detail"]


async def test_search_as_csv_keeps_codes_whole(portal: httpx.AsyncClient):
    plain = await portal.get("/api/v1/territories.csv", params={"q": "Lens", "limit": 1})
    lines = plain.text.splitlines()
    assert lines[0].endswith("origine")
    assert lines[1].startswith("62498,Lens,commune,")
    excel = await portal.get(
        "/api/v1/territories.csv", params={"q": "01004", "variant": "excel", "limit": 1}
    )
    assert excel.content.startswith(b"\xef\xbb\xbf")
    assert '"=""01004""";Ambérieu-en-Bugey' in excel.text
    assert "=" in FORMULA_SIGNS


async def test_accept_asks_for_csv(portal: httpx.AsyncClient):
    answer = await portal.get(
        "/api/v1/territories", params={"q": "Lens"}, headers={"accept": "text/csv"}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="simulation_territoires.csv"' in answer.headers["content-disposition"]
