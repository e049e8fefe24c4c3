import pytest

from libs.settings import Settings
from tests.api.conftest import client_of

WATCHES = "/api/v1/watches"
TOKEN = "s3cret-of-the-operator"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Basic",
        "Basic é",
        "Basic /+8=",
        "Basic w6k=",
        "Bearer é",
        f"Bearer {TOKEN[:-1]}",
        f"Digest {TOKEN}",
        "é",
    ],
)
async def test_a_token_that_is_none_is_asked_for_again(places, figures, store, given):
    settings = Settings(installation="live", operator_token=TOKEN)
    async with client_of(settings, places, figures, store) as client:
        answer = await client.get(WATCHES, headers={b"authorization": given.encode("latin-1")})
        known = await client.get(WATCHES, headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.headers["content-type"] == "application/problem+json"
    assert known.status_code == 200
    assert known.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", [None, ""])
@pytest.mark.parametrize(
    "given", [{}, {"authorization": "Bearer "}, {"authorization": "Basic Og=="}]
)
async def test_without_a_token_a_live_installation_is_closed(places, figures, store, token, given):
    settings = Settings(installation="live").model_copy(update={"operator_token": token})
    async with client_of(settings, places, figures, store) as client:
        answers = [await client.get(path, headers=given) for path in (WATCHES, "/veilles")]
        answers.append(await client.post(WATCHES, headers=given, json={}))
    assert [answer.status_code for answer in answers] == [403, 403, 403]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://portail.example", 422),
        ("https://observatoire.example", 422),
        ("https://observatoire.example.evil", 403),
        ("null", 403),
    ],
)
async def test_a_form_comes_from_the_portal_whatever_a_proxy_makes_of_host(
    places, figures, store, origin, status
):
    settings = Settings(
        installation="live", operator_token=TOKEN, portal_url="https://observatoire.example"
    )
    headers = {"authorization": f"Bearer {TOKEN}", "origin": origin}
    async with client_of(settings, places, figures, store) as client:
        answer = await client.post(WATCHES, headers=headers, json={})
    assert answer.status_code == status
