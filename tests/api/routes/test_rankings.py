import csv
import io

import pytest

RANKINGS = "/api/v1/rankings"


async def test_a_ranking_of_the_latest_month_by_rank(portal):
    ranking = (await portal.get(RANKINGS, params={"network": "bluesky"})).json()
    assert ranking["period"] == "2026-10"
    ranked = [line for line in ranking["accounts"] if line["rank"]]
    for category in {line["category"] for line in ranked}:
        ranks = [line["rank"] for line in ranked if line["category"] == category]
        assert ranks == sorted(ranks)
    assert len(ranked) > 20


async def test_categories_together_are_by_score_in_every_form(portal):
    params = {"network": "bluesky", "limit": "500"}
    lines = (await portal.get(RANKINGS, params=params)).json()["accounts"]
    ranked = [line["score"] for line in lines if line["rank"]]
    assert ranked == sorted(ranked, reverse=True)
    assert [line["rank"] is None for line in lines] == [False] * len(ranked) + [True] * (
        len(lines) - len(ranked)
    )
    assert lines[-1]["rank"] is None
    file = csv.DictReader(io.StringIO((await portal.get(f"{RANKINGS}.csv", params=params)).text))
    assert [line["adresse"] for line in file] == [line["address"] for line in lines]


@pytest.mark.parametrize("form", ["", ".csv"])
async def test_a_ranking_is_read_page_by_page_to_its_end(portal, form):
    whole = (await portal.get(RANKINGS, params={"network": "bluesky", "limit": "500"})).json()
    total, pages, accounts = len(whole["accounts"]), 0, []
    assert (whole["total"], whole["next"]) == (total, None)
    address = f"{RANKINGS}{form}?network=bluesky&limit=10"
    while address:
        answer = await portal.get(address)
        assert answer.headers["x-total-count"] == str(total)
        if form:
            lines = csv.DictReader(io.StringIO(answer.text))
            accounts += [line["adresse"] for line in lines]
        else:
            accounts += [line["address"] for line in answer.json()["accounts"]]
            assert answer.json()["next"] == (answer.links.get("next") or {}).get("url")
        pages += 1
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert pages == -(-total // 10)
    assert accounts == [line["address"] for line in whole["accounts"]]
    beyond = await portal.get(RANKINGS, params={"network": "bluesky", "offset": "100000"})
    assert (beyond.json()["accounts"], beyond.json()["total"]) == ([], total)


async def test_filters_are_passed_and_all_is_empty(portal):
    params = {"network": "bluesky", "category": "petites-villes", "departement": "002"}
    ranking = (await portal.get(RANKINGS, params=params)).json()
    assert {line["departement"] for line in ranking["accounts"]} == {"002"}
    assert {line["category"] for line in ranking["accounts"]} == {"petites-villes"}


async def test_fewer_than_ten_have_no_rank(portal):
    params = {"network": "bluesky", "category": "metropoles"}
    lines = (await portal.get(RANKINGS, params=params)).json()["accounts"]
    assert [line["rank"] for line in lines] == [None]
    assert lines[0]["score"] is not None


async def test_a_network_without_scores_has_no_ranking(portal):
    answer = await portal.get(RANKINGS, params={"network": "youtube"})
    assert answer.status_code == 403
    assert "YouTube" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("params", "parameter", "said"),
    [
        ({"network": "nulle-part"}, "network", "permises : facebook, instagram, youtube"),
        ({"category": "hameaux"}, "category", "permises : villages, petites-villes"),
        ({"period": "2026-13"}, "period", "attendue : AAAA-MM, par exemple 2026-10"),
        ({"period": "2031-01"}, "period", "permises : 2026-10, 2026-09, 2026-08"),
        ({"limit": "0"}, "limit", "petit : 1 au moins"),
        ({"limit": "501"}, "limit", "grand : 500 au plus"),
        ({"limit": "cent"}, "limit", "n’est pas un nombre entier"),
        ({"variant": "word"}, "variant", "permises : standard, excel"),
        ({"departement": "999"}, "departement", "permises : 001, 002"),
        ({"departement": "0'; DROP"}, "departement", "long : 5 signes au plus"),
        ({"region": "75"}, "region", "permises : 001."),
        ({"reseau": "bluesky"}, "reseau", "adresse : category, departement, limit, network"),
        ({"categorie": ""}, "categorie", "n’est pas un paramètre de cette adresse"),
        ({"network": ["bluesky", "mastodon"]}, "network", "est donné plusieurs fois"),
    ],
)
@pytest.mark.parametrize("path", [RANKINGS, f"{RANKINGS}.csv"])
async def test_wrong_parameters_are_named_with_what_is_permitted(
    portal, path, params, parameter, said
):
    answer = await portal.get(path, params={"network": "bluesky", **params})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["title"] == "Paramètres incorrects"
    assert [one["parametre"] for one in problem["fautes"]] == [parameter]
    assert said in problem["detail"]
    assert problem["detail"].startswith(f"« {parameter} » ")


async def test_a_parameter_that_is_needed_is_asked_for(portal):
    answer = await portal.get(RANKINGS)
    assert (answer.status_code, answer.json()["detail"]) == (422, "« network » manque.")


async def test_csv_has_an_origin_on_every_line_and_a_marked_name(portal):
    answer = await portal.get(f"{RANKINGS}.csv", params={"network": "bluesky"})
    assert 'filename="simulation_classement_bluesky' in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert {line["origine"] for line in lines} == {"simulation"}
    assert lines[0]["rang"] == "1"
    assert float(lines[0]["abonnes"]) > 0


async def test_raw_counters_of_some_networks_do_not_leave_in_bulk(portal, monkeypatch):
    from contracts import networks

    slug = "bluesky"
    kept = networks.BY_SLUG["instagram"].redistribution
    assert kept == "scores"
    closed = networks.BY_SLUG | {slug: networks.BY_SLUG["instagram"]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", closed.__getitem__)
    answer = await portal.get(f"{RANKINGS}.csv", params={"network": slug})
    line = next(csv.DictReader(io.StringIO(answer.text)))
    assert (line["abonnes"], line["portee"], line["ratio_abonnes_abonnements"]) == ("", "", "")
    assert line["score"] != ""
    assert "redistribution en masse" in line["remarque"]
    page = (await portal.get(RANKINGS, params={"network": slug})).json()
    assert page["accounts"][0]["followers"] is None
    assert "Instagram" in page["notice"]


async def test_excel_variant_is_what_a_french_spreadsheet_opens(portal):
    answer = await portal.get(
        f"{RANKINGS}.csv", params={"network": "bluesky", "variant": "excel", "limit": "1"}
    )
    text = answer.content.decode("utf-8-sig")
    line = next(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert line["score"] == "89,40"
    assert line["code"] == '="00228"'
