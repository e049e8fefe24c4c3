import pytest

from contracts.territories import Territories
from services.api.store import Store
from services.process import Settings
from tests.api.conftest import client_of
from tests.api.world import MadeUpFigures

WATCHES = "/api/v1/watches"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Basic",
        "Basic é",
        "Basic /+8=",
        "Basic w6k=",
        "Bearer é",
        "Bearer s3cre",
        "Digest s3cret",
        "é",
    ],
)
async def test_a_token_that_is_none_is_asked_for_again(
    places: Territories, figures: MadeUpFigures, store: Store, given: str
):
    settings = Settings(installation="live", operator_token="s3cret")
    async with client_of(settings, places, figures, store) as client:
        answer = await client.get(WATCHES, headers={b"authorization": given.encode("latin-1")})
        known = await client.get(WATCHES, headers={"authorization": "Bearer s3cret"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.headers["content-type"] == "application/problem+json"
    assert known.status_code == 200
    assert known.headers["cache-control"] == "no-store"
