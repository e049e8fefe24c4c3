import pytest

DAY = "2026-11-01"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/territories?q=lens", "/api/v1/territories.csv?q=lens", "/api/v1/territories/00101",
        "/api/v1/rankings?network=bluesky", "/api/v1/accounts/00101-bluesky",
        "/api/v1/accounts/00101-bluesky/observations", "/api/v1/accounts/00101-bluesky/posts.csv",
        "/api/v1/watches",
    ],
)  # fmt: skip
async def test_a_parameter_that_nobody_knows_is_refused_everywhere(portal, path):
    assert (await portal.get(path)).status_code == 200
    mark = "&" if "?" in path else "?"
    answer = await portal.get(f"{path}{mark}utm_source=lettre")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "« utm_source »" in answer.json()["detail"]


@pytest.mark.parametrize("period", ["2026-01", "2026-11"])
async def test_a_month_that_is_not_published_is_refused(portal, period):
    answer = await portal.get("/api/v1/accounts/00101-bluesky", params={"period": period})
    assert answer.status_code == 422
    assert answer.json()["fautes"][0]["permis"] == ["2026-10", "2026-09", "2026-08"]
