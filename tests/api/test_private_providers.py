"""Identity providers on private addresses: not reached, but where the installation names one."""

import httpx
import pytest

from libs.clock import SteppedClock
from libs.identity.asking import Unreachable
from libs.identity.attempt import Attempt
from libs.identity.provider import Provider
from libs.outbound.client import Guarded
from libs.outbound.public import Forbidden
from libs.settings import Settings
from services.api.app import build
from tests.api.world import NOW
from tests.identity_provider import DECLARED, FakeProvider

ATTEMPT = Attempt("state", "nonce", "verifier" * 6)
HOSTS = (
    "127.0.0.1", "127.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "[::1]", "[fd00::1]",
    "[::ffff:10.0.0.1]", "0x7f000001",
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
async def test_a_live_portal_asks_no_provider_on_a_private_address(host, places, figures, store):
    """By the client that the api itself makes: nothing held that it was the guarded one."""
    declared = DECLARED.model_copy(update={"issuer": f"https://{host}/realm", "private": False})
    live = Settings(installation="live", identity_providers={"one": declared})
    made = build(live, figures=figures, places=places, clock=SteppedClock(NOW), store=store)
    provider = made.app.state.installation.providers["one"]
    with pytest.raises(Unreachable) as refused:
        await provider.way_in(ATTEMPT)
    assert isinstance(refused.value.__cause__, Forbidden)


def asked_of(fake: FakeProvider, *trusted: str) -> Provider:
    guarded = Guarded(fake.transport(), trusted)
    return Provider(DECLARED, httpx.AsyncClient(transport=guarded), "https://p/back", "https://p")


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("host", HOSTS[1:6])
async def test_a_provider_that_names_a_private_address_leads_nowhere(endpoint, host):
    """A public provider says where its tokens and keys are: it may not say « at home »."""
    fake = FakeProvider(described=lambda said: said | {endpoint: f"https://{host}/inside"})
    provider = asked_of(fake)
    came = fake.came(await provider.way_in(ATTEMPT))
    with pytest.raises(Unreachable) as refused:
        await provider.identity(ATTEMPT, came["code"], came["iss"])
    assert isinstance(refused.value.__cause__, Forbidden)
    assert "/inside" not in fake.asked


async def test_one_that_the_installation_names_is_reached():
    fake = FakeProvider()
    provider = asked_of(fake, httpx.URL(DECLARED.issuer).host)
    came = fake.came(await provider.way_in(ATTEMPT))
    assert (await provider.identity(ATTEMPT, came["code"], came["iss"])).address == fake.address
