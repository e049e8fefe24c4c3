"""An agent connects an account of her town: from her consent to a figure, and what is refused.

Each attack names the defence that stops it (`tests/attacks/defences.py` takes it away).
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from contracts.accounts import AccountRegistered, AccountRenewed
from contracts.jobs import JobSubject, Operation
from contracts.topics import ACCOUNTS_OBSERVED
from libs.sealing import Keys
from services.api.entering.addresses import mailbox_of
from services.collector.connecting.connections import Connections
from services.collector.networks import reader_of
from services.collector.readers.reader import owner_bucket
from services.collector.worker import Worker
from simulation.country.world import World
from simulation.serving.consent import CODE_LIFE
from simulation.serving.faults import Fault
from tests.api.attacks.test_sign_in import PUBLIC_KEY
from tests.api.connecting import (
    BACK,
    PRIVATE,
    TOWN,
    Connecting,
    client_of,
    invented,
    small,
    some,
)
from tests.collector.fakes import KeptWire
from tests.suites.network import job_of

PAGE = f"/equipe/{TOWN}/connecter"
SIGNED_IN = "luc@essai-sur-onde.example"


@pytest.fixture
async def place(places, figures) -> AsyncIterator[Connecting]:
    made = Connecting(places, figures)
    yield made
    await made.close()


def grant(place: Connecting, mailbox: str, role: str, code: str = TOWN) -> None:
    found = mailbox_of(PUBLIC_KEY, mailbox)
    assert found is not None
    place.store.entitled.grant(found[0], code, role)  # type: ignore[arg-type]


async def figure(place: Connecting, account: AccountRegistered) -> int | None:
    """The followers that the collector reads with what the portal tells it."""
    operation: Operation = "profile" if account.network == "threads" else "posts"
    (told,) = place.told()
    wire, http = KeptWire(), client_of(place.networks)
    connections = Connections(wire, http, place.clock, reader_of, [PRIVATE])
    connections.take(told)
    worker = Worker(wire, http, place.clock, reader_of, {}, connections.credential)
    now = place.clock.now()
    job = job_of(
        account.network,
        operation,
        JobSubject(subject=account.account, handle=account.handle),
        slot=now,
        since=now - timedelta(days=30),
        bucket=owner_bucket(account.network, account.account),
    )
    assert (await worker.run(job)).cause == "done"
    (observed,) = wire.of(ACCOUNTS_OBSERVED)
    return observed.followers


@pytest.mark.parametrize("network", ["threads", "instagram"])
async def test_from_consent_to_a_figure_and_back(place, network):
    owner, browser = some(network), await place.entered()
    account = place.register(owner.first_handle, network=network)
    assert "non connecté" in (await browser.get(PAGE)).text
    answer = await place.connected(browser, account)
    assert (answer.status_code, answer.headers["location"].partition("#")[0]) == (303, PAGE)
    assert "Retirer" in (await browser.get(PAGE)).text
    followers = World.followers(invented(), owner, place.networks.moment())
    assert await figure(place, account) == followers

    (told,) = place.told()
    assert told.token is not None
    clear = Keys([PRIVATE], "token").open(told.token)
    assert clear.startswith("own.")
    kept = "\n".join(place.store.database.engine.raw_connection().driver_connection.iterdump())
    assert clear not in kept
    assert [one.what for one in place.store.journal.acts(TOWN)] == [
        "connecting.back", "connecting.begin",
    ]  # fmt: skip

    assert (await browser.post(f"{PAGE}/{account.account}/retirer")).status_code == 303
    assert place.state(account) == "withdrawn"
    assert [one.token for one in place.told()] == [None]
    assert "retiré" in (await browser.get(PAGE)).text


async def test_a_consent_that_is_refused_connects_nothing(place):
    account, browser = place.register(small().first_handle), await place.entered()
    back = place.decide(await place.sent(browser, account.account), account.handle, "non")
    answer = await browser.get(back)
    assert (answer.status_code, place.state(account)) == (403, None)
    assert 'role="alert"' in answer.text


async def test_a_way_back_serves_once(place):
    account, browser = place.register(small().first_handle), await place.entered()
    back = place.decide(await place.sent(browser, account.account), account.handle)
    assert (await browser.get(back)).status_code == 303
    assert (await browser.get(back)).status_code == 403


async def test_a_way_back_of_another_session_opens_nothing(place):
    """Whoever is sent the address by a thief connects nothing in her own name."""
    account, browser = place.register(small().first_handle), await place.entered()
    back = place.decide(await place.sent(browser, account.account), account.handle)
    answer = await (await place.entered(SIGNED_IN)).get(back)
    assert (answer.status_code, place.state(account)) == (403, None)


async def test_a_state_that_nobody_asked_for_opens_nothing(place):
    account, browser = place.register(small().first_handle), await place.entered()
    back = httpx.URL(place.decide(await place.sent(browser, account.account), account.handle))
    answer = await browser.get(back.copy_set_param("state", "x" * 43))
    assert (answer.status_code, place.state(account)) == (403, None)


async def test_a_code_serves_once(place):
    account, browser = place.register(small().first_handle), await place.entered()
    back = httpx.URL(place.decide(await place.sent(browser, account.account), account.handle))
    assert (await browser.get(back)).status_code == 303
    again = httpx.URL(place.decide(await place.sent(browser, account.account), account.handle))
    answer = await browser.get(again.copy_set_param("code", back.params["code"]))
    assert answer.status_code == 403


@pytest.mark.proof
async def test_a_code_that_comes_late_is_refused(place):
    account, browser = place.register(small().first_handle), await place.entered()
    back = place.decide(await place.sent(browser, account.account), account.handle)
    place.clock.step_to(place.clock.now() + timedelta(seconds=CODE_LIFE))
    assert (await browser.get(back)).status_code == 403
    assert place.state(account) is None


async def test_a_code_that_leaked_is_of_no_use(place):
    """The challenge of PKCE: the code was given for another verifier, of the same account."""
    account = place.register(small().first_handle)
    victim, thief = await place.entered(), await place.entered(SIGNED_IN)
    leaked = httpx.URL(place.decide(await place.sent(victim, account.account), account.handle))
    own = httpx.URL(place.decide(await place.sent(thief, account.account), account.handle))
    answer = await thief.get(own.copy_set_param("code", leaked.params["code"]))
    assert (answer.status_code, place.state(account)) == (403, None)


async def test_another_account_than_the_one_chosen_is_not_kept(place):
    account, browser = place.register(small().first_handle), await place.entered()
    other = small(but=account.handle).first_handle
    back = place.decide(await place.sent(browser, account.account), other)
    answer = await browser.get(back)
    assert (answer.status_code, place.state(account)) == (409, None)
    assert other in answer.text


async def test_who_may_write_no_more_connects_nothing(place):
    account, browser = place.register(small().first_handle), await place.entered(SIGNED_IN)
    back = place.decide(await place.sent(browser, account.account), account.handle)
    grant(place, SIGNED_IN, "reading")
    answer = await browser.get(back)
    assert (answer.status_code, place.state(account)) == (403, None)
    assert (await browser.post(f"{PAGE}/{account.account}")).status_code == 403


async def test_the_address_led_back_to_is_the_portal_s_own(place):
    account, browser = place.register(small().first_handle), await place.entered()
    sent = httpx.URL(await place.sent(browser, account.account))
    assert sent.params["redirect_uri"] == f"http://portail.example{BACK}"
    assert (sent.params["code_challenge_method"], len(sent.params["code_challenge"])) == (
        "S256",
        43,
    )
    assert len(sent.params["state"]) >= 32


@pytest.mark.proof
@pytest.mark.parametrize(
    ("changed", "value"),
    [
        ("redirect_uri", "http://portail.example/connecter/threads/retour/"),
        ("redirect_uri", "http://portail.example/connecter/threads/retour?a=b"),
        ("redirect_uri", "javascript:/connecter/threads/retour"),
        ("code_challenge", ""),
        ("code_challenge_method", "plain"),
        ("client_id", "another"),
    ],
)
async def test_the_network_leads_back_to_nowhere_else_and_asks_for_a_challenge(
    place, changed, value
):
    account, browser = place.register(small().first_handle), await place.entered()
    sent = httpx.URL(await place.sent(browser, account.account))
    target = f"/oauth/authorize?{sent.copy_set_param(changed, value).query.decode()}"
    for method in ("GET", "POST"):
        answer, _ = place.networks.ask(method, "threads.com", target, {}, b"choix=oui")
        assert answer.status == 400


async def test_only_verified_accounts_of_one_s_own_territory_are_connected(place):
    browser = await place.entered()
    person = place.register("une.elue", owner_kind="personne")
    other = place.register("autre.ville", territory="00104")
    for account in (person, other):
        for end in ("", "/retirer"):
            answer = await browser.post(f"{PAGE}/{account.account}{end}")
            assert answer.status_code == 404
    assert "une.elue" not in (await browser.get(PAGE)).text
    assert (await browser.post(f"/equipe/00104/connecter/{other.account}")).status_code == 403


@pytest.mark.proof
async def test_a_network_that_is_away_connects_nothing(place):
    account, browser = place.register(small().first_handle), await place.entered()
    back = place.decide(await place.sent(browser, account.account), account.handle)
    place.networks.faults.known.append(Fault("503"))
    answer = await browser.get(back)
    assert (answer.status_code, place.state(account)) == (502, None)


async def test_what_the_collector_tells_is_shown_and_of_another_consent_nothing(place):
    account, browser = place.register(small().first_handle), await place.entered()
    await place.connected(browser, account)
    (told,) = place.told()
    now = place.clock.now()
    renewed = AccountRenewed(
        event_id="r",
        origin="simulation",
        account=account.account,
        connection=told.connection,
        revision=1,
        network="threads",
        token="sealed:00000000:AA==",
        expires_at=now + timedelta(days=90),
        changed_at=now,
    )
    store = place.store.connections
    store.renewed([renewed])
    page = (await browser.get(PAGE)).text
    assert "févr." in page
    assert "Reconnecter" not in page
    changes = {"refused": "190", "connection": "another", "revision": 2}
    store.renewed([renewed.model_copy(update=changes)])
    assert "Reconnecter" not in (await browser.get(PAGE)).text
    assert (await browser.get(f"/equipe/{TOWN}")).text.count("reconnecter") == 0
    store.renewed([renewed.model_copy(update={"refused": "190", "token": None, "revision": 2})])
    assert "Reconnecter" in (await browser.get(PAGE)).text
    assert (await browser.get(f"/equipe/{TOWN}")).text.count("reconnecter") == 1
    place.clock.step_to(now + timedelta(days=80))
    store.renewed([renewed])
    assert "prend fin" in (await browser.get(PAGE)).text
