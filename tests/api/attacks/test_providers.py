"""Attacks on signing in by an identity provider: each is refused by the defence of its name."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from html import unescape

import httpx
import pytest

from libs.clock import SteppedClock
from libs.identity.declared import DeclaredProvider
from services.api.app import build
from services.api.entering.addresses import mailbox_of
from services.api.store.agents.attempts import SignInAttemptRow
from services.api.store.models import SessionRow
from tests.api.attacks.test_sign_in import ASKING, COOKIE, Place, inside
from tests.api.conftest import SIMULATION
from tests.api.world import NOW
from tests.identity_provider import (
    DECLARED,
    ISSUER,
    FakeProvider,
    signed_by_what_is_published,
    unsigned,
)

pytestmark = pytest.mark.proof


def onward(answer: httpx.Response) -> str:
    """Where a page of ours sends a browser at once."""
    return unescape(re.findall(r'"refresh" content="0; url=([^"]+)"', answer.text)[0])


BACK = "/entrer/par/proconnect/retour"
OTHER = "https://autre.example"


class Provided(Place):
    """The portal of an installation that two providers sign agents in to."""

    def __init__(self, places: object, figures: object) -> None:
        self.provider = FakeProvider()
        declared = {"proconnect": DECLARED, "autre": DECLARED}
        super().__init__(
            SIMULATION.model_copy(update={"identity_providers": declared}), places, figures
        )

    def restart(self, **changed: object) -> None:
        hosts = {"allowed_hosts": ("portail.example",)}
        self.app = build(
            self.settings.model_copy(update=hosts | changed),
            figures=self._figures,
            places=self._places,
            clock=SteppedClock(NOW),
            store=self.store,
            http=self.provider.client(),
        ).app

    def declare(self, **changed: object) -> None:
        """Start anew with a provider declared otherwise."""
        declared = DeclaredProvider.model_validate(DECLARED.model_dump() | changed)
        self.restart(identity_providers={"proconnect": declared, "autre": declared})

    async def sent(self, browser: httpx.AsyncClient, **data: str) -> str:
        """Ask to enter by the provider, and return the address to which it leads."""
        answer = await browser.post("/entrer/par/proconnect", data=data)
        assert answer.status_code == 200, answer.text
        return unescape(
            re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)[0]
        )

    async def came(self, browser: httpx.AsyncClient, **data: str) -> dict[str, str]:
        """Sign in at the provider, and return what the browser comes back with."""
        return self.provider.came(await self.sent(browser, **data))


@pytest.fixture
async def place(places, figures) -> AsyncIterator[Provided]:
    made = Provided(places, figures)
    yield made
    await made.close()


# The way in and out, as it should be.


@pytest.mark.parametrize("in_token", [True, False], ids=["in the token", "asked for"])
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "plain"])
async def test_an_agent_enters_by_a_provider_and_leaves_it(place, in_token, signed):
    place.provider.in_token, place.provider.signed_user = in_token, signed
    browser = place.browser()
    assert "ProConnect" in (await browser.get("/entrer")).text
    sent = httpx.URL(await place.sent(browser, vers="/veilles"))
    assert str(sent).startswith(f"{ISSUER}/authorize?")
    assert sent.params["redirect_uri"] == SIMULATION.portal_url + BACK
    assert len(sent.params["state"]) >= 32 <= len(sent.params["nonce"])
    assert sent.params["code_challenge_method"] == "S256"
    answer = await browser.get(BACK, params=place.provider.came(str(sent)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/veilles")
    assert "rédaction" in (await browser.get("/mes-sessions")).text

    out = await browser.post("/sortir")
    left = httpx.URL(onward(out))
    assert str(left).startswith(f"{ISSUER}/session/end?")
    assert left.params["post_logout_redirect_uri"] == SIMULATION.portal_url + "/sortie"
    assert left.params["id_token_hint"].count(".") == 2
    assert not await inside(browser)
    assert (await browser.get("/sortie?state=x")).status_code == 200


async def test_who_entered_by_a_link_leaves_without_a_provider(place):
    browser = await place.entered()
    answer = await browser.post("/sortir")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_by_either_way_it_is_the_same_agent(place):
    browser = await place.entered()
    other = place.browser()
    await other.get(BACK, params=await place.came(other))
    first, second = place.rows(SessionRow)
    assert first.agent == second.agent
    assert await inside(browser)


# Attacks: nobody comes in, and no session is left.

Attack = Callable[[Provided], Awaitable[httpx.Response]]


async def plain(place: Provided, **changed: str) -> httpx.Response:
    browser = place.browser()
    return await browser.get(BACK, params=await place.came(browser) | changed)


def lying(**changed: object) -> Attack:
    async def attack(place: Provided) -> httpx.Response:
        place.provider.claims = lambda claims: {
            name: value for name, value in (claims | changed).items() if value is not None
        }
        return await plain(place)

    return attack


def signed(by: Callable[[dict[str, object]], str]) -> Attack:
    async def attack(place: Provided) -> httpx.Response:
        place.provider.sign = by
        return await plain(place)

    return attack


async def by_a_key_that_is_not_published(place: Provided) -> httpx.Response:
    place.provider.key = "two"
    return await plain(place)


async def forged_state(place: Provided) -> httpx.Response:
    return await plain(place, state="A" * 43)


async def no_state(place: Provided) -> httpx.Response:
    return await plain(place, state="")


async def replayed_state(place: Provided) -> httpx.Response:
    """The same answer twice: the code is another, which the provider would take."""
    browser = place.browser()
    sent = await place.sent(browser)
    asking = browser.cookies[ASKING]
    assert (await browser.get(BACK, params=place.provider.came(sent))).status_code == 303
    await browser.post("/mes-sessions/fin")
    browser.cookies.set(ASKING, asking)
    return await browser.get(BACK, params=place.provider.came(sent))


async def login_csrf(place: Provided) -> httpx.Response:
    """A victim is led to the end of somebody else's sign-in."""
    back = await place.came(place.browser())
    victim = place.browser()
    await place.sent(victim)
    return await victim.get(BACK, params=back)


async def code_reused(place: Provided) -> httpx.Response:
    browser = place.browser()
    first = await place.came(browser)
    assert (await browser.get(BACK, params=first)).status_code == 303
    await browser.post("/mes-sessions/fin")
    again = await place.came(browser)
    return await browser.get(BACK, params=again | {"code": first["code"]})


async def code_of_another_browser(place: Provided) -> httpx.Response:
    """A stolen code, in an attempt of the thief's own: its proof is not theirs."""
    stolen = await place.came(place.browser())
    return await plain(place, code=stolen["code"])


async def late(place: Provided) -> httpx.Response:
    browser = place.browser()
    back = await place.came(browser)
    place.moment += timedelta(minutes=15, seconds=1)
    return await browser.get(BACK, params=back)


async def of_another_provider(place: Provided) -> httpx.Response:
    browser = place.browser()
    back = await place.came(browser)
    return await browser.get(BACK.replace("proconnect", "autre"), params=back)


async def answered_by_another_issuer(place: Provided) -> httpx.Response:
    return await plain(place, iss=OTHER)


async def declined(place: Provided) -> httpx.Response:
    return await plain(place, code="", error="access_denied")


async def nobodys_address(place: Provided) -> httpx.Response:
    place.provider.address = "anne@nulle-part.example"
    return await plain(place)


async def no_single_address(place: Provided) -> httpx.Response:
    place.provider.address = "anne@essai-sur-onde.example,x@evil.example"
    return await plain(place)


async def said_of_somebody_else(place: Provided) -> httpx.Response:
    place.provider.in_token = False
    place.provider.user = lambda claims: claims | {"sub": "agent-2"}
    return await plain(place)


async def said_for_somebody_else(place: Provided) -> httpx.Response:
    place.provider.in_token, place.provider.signed_user = False, True
    place.provider.user = lambda claims: claims | {"aud": "autre"}
    return await plain(place)


async def asked_for_and_not_verified(place: Provided) -> httpx.Response:
    place.provider.in_token = False
    place.provider.user = lambda claims: claims | {"email_verified": False}
    return await plain(place)


async def refused_by_the_operator(place: Provided) -> httpx.Response:
    """Rights are looked up here: what the provider says opens nothing by itself."""
    found = mailbox_of(
        "a key that everybody knows, as everything is invented", place.provider.address
    )
    assert found is not None
    place.store.entitled.grant(found[0], "00101", "none")
    return await plain(place)


MOMENT = 1_000_000_000
ATTACKS: dict[str, tuple[Attack, int]] = {
    "forged state": (forged_state, 403),
    "no state": (no_state, 403),
    "replayed state": (replayed_state, 403),
    "login CSRF": (login_csrf, 403),
    "late": (late, 403),
    "of another provider": (of_another_provider, 403),
    "code reused": (code_reused, 403),
    "code of another browser (PKCE)": (code_of_another_browser, 403),
    "forged nonce": (lying(nonce="A" * 43), 403),
    "no nonce": (lying(nonce=None), 403),
    "other issuer": (lying(iss=OTHER), 403),
    "issuer with a slash": (lying(iss=ISSUER + "/"), 403),
    "no issuer": (lying(iss=None), 403),
    "other issuer in the answer": (answered_by_another_issuer, 403),
    "other audience": (lying(aud="autre"), 403),
    "no audience": (lying(aud=None), 403),
    "other authorized party": (lying(aud=["observatoire", "autre"], azp="autre"), 403),
    "expired": (lying(exp=MOMENT, iat=MOMENT - 60), 403),
    "no end": (lying(exp=None), 403),
    "of tomorrow": (lying(iat=9 * MOMENT), 403),
    "not before": (lying(nbf=9 * MOMENT), 403),
    "alg none": (signed(unsigned), 403),
    "alg HS256 by the public key": (signed(signed_by_what_is_published), 403),
    "unpublished key": (by_a_key_that_is_not_published, 403),
    "other access token": (lying(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), 403),
    "address not verified": (lying(email_verified=False), 403),
    "address verified, as a word": (lying(email_verified="true"), 403),
    "nothing of verified": (lying(email_verified=None), 403),
    "address asked for, not verified": (asked_for_and_not_verified, 403),
    "user of somebody else": (said_of_somebody_else, 403),
    "user for somebody else": (said_for_somebody_else, 403),
    "declined": (declined, 403),
    "nobody's address": (nobodys_address, 403),
    "no single address": (no_single_address, 403),
    "refused by the operator": (refused_by_the_operator, 403),
}


@pytest.mark.parametrize(("attack", "status"), ATTACKS.values(), ids=ATTACKS)
async def test_nobody_enters(place, attack, status):
    assert (await attack(place)).status_code == status
    assert place.rows(SessionRow) == []


async def test_a_clock_that_is_a_little_off_is_believed(place):
    place.provider.claims = lambda claims: (
        claims
        | {
            "iat": claims["iat"] + 45,
            "exp": claims["iat"] - 45,
        }
    )
    assert (await plain(place)).status_code == 303


async def test_a_provider_that_vouches_for_its_addresses_is_believed(place):
    """ProConnect has no claim that says verified: the installation says that it answers for it."""
    place.provider.claims = lambda claims: {
        k: v for k, v in claims.items() if k != "email_verified"
    }
    assert (await plain(place)).status_code == 403
    place.declare(verified_claim=None)
    assert (await plain(place)).status_code == 303


async def test_a_provider_that_takes_no_proof_is_sent_none(place):
    place.declare(pkce=False)
    browser = place.browser()
    sent = await place.sent(browser)
    assert "code_challenge" not in sent
    assert (await browser.get(BACK, params=place.provider.came(sent))).status_code == 303


@pytest.mark.parametrize("headers", [{"origin": OTHER}, {"sec-fetch-site": "cross-site"}], ids=str)
async def test_no_other_site_sends_a_browser_to_a_provider(place, headers):
    browser = place.browser()
    del browser.headers["origin"]
    answer = await browser.post("/entrer/par/proconnect", headers=headers)
    assert answer.status_code == 403
    assert place.rows(SignInAttemptRow) == []


@pytest.mark.parametrize(
    "onward", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"]
)
async def test_coming_back_leads_to_no_other_site(place, onward):
    browser = place.browser()
    back = await place.came(browser, vers=onward)
    answer = await browser.get(BACK, params=back | {"vers": onward})
    assert answer.headers["location"] == "/territoires/00101"


@pytest.mark.parametrize("host", ["evil.example", "localhost:9999"])
async def test_a_provider_leads_back_to_the_portal_whatever_host_is_said(place, host):
    headers = {"host": host, "origin": f"http://{host}"}
    answer = await place.browser().post("/entrer/par/proconnect", headers=headers)
    assert "redirect_uri=http%3A%2F%2Fevil" not in answer.text
    assert "localhost%3A9999" not in answer.text


async def test_the_secret_of_a_session_is_a_new_one(place):
    browser = place.browser()
    browser.cookies.set(COOKIE, "planted", domain="portail.example")
    answer = await browser.get(BACK, params=await place.came(browser))
    (given,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    assert "planted" not in given
    assert "httponly" in given.lower()


async def test_neither_the_database_nor_another_page_has_what_the_provider_signed(place):
    browser = place.browser()
    back = await place.came(browser)
    (row,) = place.rows(SignInAttemptRow)
    assert back["state"] not in str(vars(row))
    answer = await browser.get(BACK, params=back)
    (given,) = [one for one in answer.headers.get_list("set-cookie") if "fournisseur" in one]
    assert {"path=/sortir", "httponly", "samesite=lax"} <= set(given.lower().split("; "))
    assert place.rows(SignInAttemptRow) == []
    assert "eyJ" not in str([vars(one) for one in place.rows(SessionRow)])


async def test_returns_are_not_tried_one_after_another(place):
    browser = place.browser()
    got = [(await browser.get(BACK, params={"state": str(n)})).status_code for n in range(25)]
    assert got == [403] * 20 + [429] * 5


# Providers that are away, or are not what they were.


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": OTHER},
        {"issuer": None},
        {"authorization_endpoint": "http://identite.example/authorize"},
        {"token_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "https://[evil"},
        {"end_session_endpoint": "http://evil.example"},
    ],
    ids=str,
)
async def test_a_provider_that_is_another_is_not_asked(place, lie):
    place.provider.described = lambda found: found | lie
    answer = await place.browser().post("/entrer/par/proconnect")
    assert answer.status_code == 502
    assert place.rows(SignInAttemptRow) == []
    assert "evil" not in answer.text


async def test_a_provider_that_is_away_is_said_to_be_and_the_link_stays(place):
    place.provider.down = True
    browser = place.browser()
    answer = await browser.post("/entrer/par/proconnect")
    assert (answer.status_code, "ProConnect" in answer.text) == (502, True)
    assert (await browser.post(await place.link(browser))).status_code == 303


async def test_one_that_goes_away_before_the_end_opens_nothing_and_lets_leave(place):
    browser = place.browser()
    back = await place.came(browser)
    place.provider.down = True
    assert (await browser.get(BACK, params=back)).status_code == 502
    assert place.rows(SessionRow) == []


async def test_what_it_says_of_itself_is_kept_and_new_keys_are_asked_for(place):
    for _ in range(3):
        assert (await plain(place)).status_code == 303
    assert place.provider.asked.count("/.well-known/openid-configuration") == 1
    assert place.provider.asked.count("/jwks") == 1
    place.provider.key, place.provider.published = "two", ("two",)
    refused = [(await plain(place)).status_code for _ in range(3)]
    assert refused == [403] * 3  # asked less than a minute ago
    assert place.provider.asked.count("/jwks") == 1


async def test_a_provider_that_is_not_declared_is_no_page(place):
    browser = place.browser()
    assert (await browser.post("/entrer/par/nulle-part")).status_code == 404
    assert (await browser.get(BACK.replace("proconnect", "nulle-part"))).status_code == 404
