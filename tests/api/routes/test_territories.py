import csv
import io

import httpx
import pytest

from contracts.networks import BY_SLUG, NETWORKS
from contracts.scores import REASONS
from services.api.files.csv import FORMULA_SIGNS
from tests.api.world import every_account


async def test_search_finds_the_invented_and_the_real(portal):
    found = (await portal.get("/api/v1/territories", params={"q": "essai sur"})).json()
    assert [one["name"] for one in found] == ["Essai-sur-Onde"]
    assert found[0]["measured"] is True
    real = (await portal.get("/api/v1/territories", params={"q": "Lens"})).json()[0]
    assert (real["code"], real["origin"], real["measured"]) == ("62498", "registry", False)


async def test_a_real_territory_has_facts_and_no_accounts_in_a_simulation(portal, figures):
    real = (await portal.get("/api/v1/territories/62498")).json()
    assert real["population"] > 30_000
    assert real["accounts"] == []
    assert figures.asked == []


async def test_a_null_counter_says_why(portal, figures):
    figures.changes.append(
        lambda row: (
            {"absent": {"followers": "not_permitted"}} if row.get("network") == "facebook" else {}
        )
    )
    accounts = (await portal.get("/api/v1/territories/00101")).json()["accounts"]
    facebook = next(one for one in accounts if one["network"] == "facebook")
    assert facebook["followers"] is None
    assert facebook["absent"]["followers"] == "not_permitted"


async def test_an_elected_persons_own_account_is_not_the_territorys(portal, figures):
    figures.given["territory_accounts"] = [
        every_account()[0] | changes
        for changes in ({"owner_kind": "personne"}, {"state": "candidate"})
    ]
    shown = (await portal.get("/api/v1/territories/00101")).json()["accounts"]
    assert shown == []
    page = (await portal.get("/territoires/00101")).text
    assert "Aucun compte connu" in page
    assert "essai-sur-onde.example" not in page


async def test_a_former_code_leads_to_the_territory(portal):
    assert (await portal.get("/api/v1/territories/13201")).json()["name"] == "Marseille"


async def test_an_unknown_code_is_a_problem_in_french(portal):
    answer = await portal.get("/api/v1/territories/nulle-part")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Aucune collectivité" in answer.json()["detail"]


async def test_search_as_csv_keeps_codes_whole(portal):
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


async def test_accept_asks_for_csv(portal):
    answer = await portal.get(
        "/api/v1/territories", params={"q": "Lens"}, headers={"accept": "text/csv"}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="simulation_territoires.csv"' in answer.headers["content-disposition"]


async def lines_of(portal: httpx.AsyncClient, address: str) -> dict[str, dict[str, str]]:
    """Return the lines of a territory's file, by network."""
    answer = await portal.get(address)
    assert answer.status_code == 200
    return {line["reseau"]: line for line in csv.DictReader(io.StringIO(answer.text))}


async def test_a_territory_as_csv_is_a_line_an_account(portal):
    lines = await lines_of(portal, "/api/v1/territories/00101.csv")
    assert set(lines) == {"bluesky", "mastodon", "facebook", "youtube"}
    assert {line["origine"] for line in lines.values()} == {"simulation"}
    bluesky = lines["bluesky"]
    assert (bluesky["code"], bluesky["periode"], bluesky["score"]) == ("00101", "2026-10", "31.40")
    assert (bluesky["abonnes"], bluesky["absents"]) == (
        "900",
        "mentions_j_aime : non publié ; vues : non publié",
    )
    assert lines["facebook"]["motif"] == REASONS["not_observed"].brief
    earlier = await lines_of(portal, "/api/v1/territories/00101.csv?period=2026-09")
    assert earlier["bluesky"]["periode"] == "2026-09"
    assert earlier["bluesky"]["score"] != bluesky["score"]


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS])
async def test_a_territorys_file_obeys_the_terms_of_each_network(portal, monkeypatch, network):
    policy = BY_SLUG | {"bluesky": BY_SLUG[network]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)
    line = (await lines_of(portal, "/api/v1/territories/00101.csv"))["bluesky"]
    leaves = BY_SLUG[network].redistribution == "counters"
    assert {bool(line[name]) for name in ("abonnes", "abonnements", "publications")} == {leaves}
    assert bool(line["remarque"]) is not leaves
    assert line["compte"] == "essai-sur-onde.example"


async def test_a_real_territorys_file_is_empty_in_a_simulation(portal, figures):
    assert await lines_of(portal, "/api/v1/territories/62498.csv") == {}
    assert figures.asked == []
    answer = await portal.get("/api/v1/territories/62498.csv")
    assert "comptes_62498_sans_mesure.csv" in answer.headers["content-disposition"]
    assert (await portal.get("/api/v1/territories/nulle-part.csv")).status_code == 404
