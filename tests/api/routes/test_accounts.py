import csv
import io

import pytest

from contracts.addresses import Identity
from contracts.scores import REASONS
from services.api.store import Claim, Proof
from tests.api.world import NOW

ACCOUNT = "/api/v1/accounts/00101-bluesky"


async def test_an_account_is_taken_apart(portal):
    account = (await portal.get(ACCOUNT)).json()
    assert account["score"]["period"] == "2026-10"
    assert account["kpis"][0]["kpi"] == "engagement"
    assert [month["period"] for month in account["history"]] == ["2026-08", "2026-09", "2026-10"]


async def test_observations_give_null_and_why(portal):
    days = {"limit": 2, "date_from": "2026-11-20", "date_to": "2026-11-23"}
    found = (await portal.get(f"{ACCOUNT}/observations", params=days)).json()
    assert len(found) == 2
    assert found[0]["observed_at"] > found[1]["observed_at"]
    assert (found[0]["following"], found[0]["absent"]["following"]) == (None, "hidden")


async def test_posts_give_counters_as_they_are(portal):
    post = (await portal.get(f"{ACCOUNT}/posts", params={"limit": 1})).json()[0]
    assert post["views"] is None
    assert post["absent"]["views"] == "not_published"
    assert post["interactions"] == post["likes"] + post["comments"] + post["shares"]


async def test_posts_as_csv(portal):
    answer = await portal.get(f"{ACCOUNT}/posts.csv")
    line = next(csv.DictReader(io.StringIO(answer.text)))
    assert line["vues"] == ""
    assert "vues : non publié" in line["absents"]
    assert line["origine"] == "simulation"


async def test_a_contest_is_marked_in_the_file_and_in_the_answer(portal):
    told = (await portal.get(f"{ACCOUNT}/posts")).json()
    lines = csv.DictReader(io.StringIO((await portal.get(f"{ACCOUNT}/posts.csv")).text))
    marked = {line["publication"] for line in lines if "jeu-concours" in line["sujets"]}
    assert marked == {one["post"] for one in told if "contest" in one["topics"]}
    assert 0 < len(marked) < len(told)


@pytest.mark.parametrize("kind", ["observations", "posts", "readings"])
async def test_raw_counters_that_may_not_leave_are_refused_before_they_are_read(
    portal, figures, kind
):
    answer = await portal.get(f"/api/v1/accounts/00101-youtube/{kind}.csv")
    assert answer.status_code == 403
    assert "YouTube" in answer.json()["detail"]
    assert set(figures.asked) == {"periods", "account_score"}


async def test_an_account_as_csv_is_a_line_a_month(portal):
    answer = await portal.get(f"{ACCOUNT}.csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["periode"] for line in lines] == ["2026-08", "2026-09", "2026-10"]
    assert lines[-1]["score"] == "31.40"
    assert {line["origine"] for line in lines} == {"simulation"}
    name = 'filename="simulation_scores_00101-bluesky.csv"'
    assert name in answer.headers["content-disposition"]
    unranked = await portal.get("/api/v1/accounts/00103-bluesky.csv")
    assert {line["motif"] for line in csv.DictReader(io.StringIO(unranked.text))} == {
        REASONS["few_posts"].brief
    }


@pytest.mark.parametrize(
    ("account", "status", "said"),
    [
        ("00101-youtube", 403, "YouTube interdisent d’en tirer un score"),
        ("nobody", 404, "Aucun compte connu"),
    ],
)
async def test_an_account_that_has_no_file_says_why(portal, account, status, said):
    answer = await portal.get(f"/api/v1/accounts/{account}.csv")
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True)


async def test_readings_are_what_a_score_is_made_from(portal):
    days = {"date_from": "2026-10-01", "date_to": "2026-10-31"}
    rows = (await portal.get(f"{ACCOUNT}/readings", params=days)).json()
    file = await portal.get(f"{ACCOUNT}/readings.csv", params=days)
    lines = list(csv.DictReader(io.StringIO(file.text)))
    assert len(rows) == len(lines) > 15
    assert [line["lecture"] for line in lines] == [row["event_id"] for row in rows]
    assert lines[0]["absents"] == "vues : non publié"


async def test_an_unknown_account_is_not_found(portal):
    assert (await portal.get("/api/v1/accounts/nobody")).status_code == 404


async def test_days_in_disorder_are_refused(portal):
    params = {"date_from": "2026-11-02", "date_to": "2026-11-01"}
    assert (await portal.get(f"{ACCOUNT}/posts", params=params)).status_code == 422


@pytest.mark.parametrize("kind", ["observations", "posts", "readings"])
async def test_the_file_of_an_account_without_a_score_is_given(portal, figures, store, kind):
    registered = store.accounts.register(
        Claim(
            Identity("bluesky", "https://bsky.app/profile/neuve.example", "neuve.example"),
            (),
            Proof("site", "https://neuve.example", NOW),
        )
    )
    account = registered.account.account
    figures.given["periods"] = []
    answer = await portal.get(f"/api/v1/accounts/{account}/{kind}.csv")
    assert answer.status_code == 200
    assert (await portal.get(f"/api/v1/accounts/nobody/{kind}.csv")).status_code == 404
