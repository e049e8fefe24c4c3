"""An agent connects an account of her town: from her consent to a figure, and what is refused.

Each attack names the defence that stops it (`tests/attacks/defences.py` takes it away).
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from contracts.accounts import AccountRegistered, AccountRenewed
from contracts.jobs import JobSubject, Operation, owner_bucket
from contracts.networks import network_of
from contracts.topics import ACCOUNTS_OBSERVED, ACCOUNTS_RENEWED
from libs.identity.grants import opened
from libs.sealing import Keys
from services.api.entering.addresses import mailbox_of
from services.collector.connecting.connections import Connections
from services.collector.networks import reader_of
from services.collector.worker import Worker
from simulation.country.world import World
from simulation.serving.consent import CODE_LIFE
from simulation.serving.faults import Fault
from tests.api.attacks.test_sign_in import PUBLIC_KEY
from tests.api.connecting import (
    BACK,
    CONNECTABLE,
    PRIVATE,
    TOWN,
    Connecting,
    client_of,
    invented,
    small,
    some,
)
from tests.api.world import every_account
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
    operation: Operation = "posts" if account.network == "instagram" else "profile"
    wire, http = KeptWire(), client_of(place.networks)
    connections = place.collector(wire)
    worker = Worker(wire, http, place.clock, reader_of, {}, connections.credential)  # type: ignore[arg-type]
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


@pytest.mark.parametrize("network", CONNECTABLE)
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
    text = opened(clear, told.expires_at).text
    assert text.startswith("own.")
    kept = "\n".join(place.store.database.engine.raw_connection().driver_connection.iterdump())
    assert text not in kept
    acts = [(one.what, one.about) for one in place.store.journal.acts(TOWN)]
    assert acts == [(f"connecting.{what}", account.account) for what in ("back", "begin")]

    assert (await browser.post(f"{PAGE}/{account.account}/retirer")).status_code == 303
    assert place.state(account) == "withdrawn"
    told_of = bool(network_of(network).consent.revoke)
    assert [one.token is not None for one in place.told()] == [told_of]
    assert "retiré" in (await browser.get(PAGE)).text


async def test_her_territory_s_page_leads_to_what_only_she_can_open(place, figures):
    account = place.register(some("tiktok").first_handle, network="tiktok")
    one = next(row for row in every_account() if row["home_territory"] == TOWN)
    unread = {"network": "tiktok", "account": account.account, "followers": None}
    figures.given["territory_accounts"] = [one | unread | {"observed_at": None}, one]
    where = f"/equipe/{TOWN}/connecter#compte-{account.account}"
    browser = await place.entered()
    assert where in (await browser.get(f"/territoires/{TOWN}?vue=detaillee")).text
    assert f'id="{where.partition("#")[2]}"' in (await browser.get(PAGE)).text
    other = (await browser.get("/territoires/00104?vue=detaillee")).text
    assert "/connecter" not in other


async def test_of_pages_that_somebody_administers_the_chosen_one_is_connected(place):
    """Her token lists her pages: of the one that she did not choose nothing is kept."""
    owner, browser = some("facebook"), await place.entered()
    account = place.register(owner.first_handle, network="facebook")
    others = invented().by_network["facebook"]
    other = next(one for one in others if one.form == "page" and one is not owner)
    answer = await browser.get(
        place.decide(await place.sent(browser, account.account), other.first_handle)
    )
    assert (answer.status_code, place.state(account)) == (409, None)
    await place.connected(browser, account)
    collector, bucket = place.collector(KeptWire()), owner_bucket("facebook", account.account)
    assert collector.credential(bucket) is not None
    page = (await browser.get(PAGE)).text
    assert "redonner" in page
    place.clock.step_to(place.clock.now() + timedelta(days=80))
    await collector.renew()
    assert collector.good == {account.account}
    assert "prend fin" in (await browser.get(PAGE)).text


async def test_what_is_withdrawn_is_ended_at_the_network_then_forgotten(place):
    owner, browser = some("tiktok"), await place.entered()
    account = place.register(owner.first_handle, network="tiktok")
    await place.connected(browser, account)
    token = place.collector(KeptWire()).credential(owner_bucket("tiktok", account.account)).token
    consents = place.networks.by_name["tiktok"].consents
    assert consents.held(token, place.networks.moment()) is not None

    await browser.post(f"{PAGE}/{account.account}/retirer")
    assert "nous le disons à TikTok" in (await browser.get(PAGE)).text
    collector = place.collector(wire := KeptWire())
    assert collector.good == set()
    place.networks.faults.known.append(Fault("503"))
    await collector.renew()
    assert wire.of(ACCOUNTS_RENEWED) == []
    place.networks.faults.known.clear()
    place.clock.step_to(place.clock.now() + timedelta(hours=1))
    await collector.renew()
    await collector.renew()
    (said,) = wire.of(ACCOUNTS_RENEWED)
    assert (said.revoked, said.token) == (True, None)
    place.clock.step_to(place.clock.now() + timedelta(seconds=2))
    assert consents.held(token, place.networks.moment()) is None

    place.store.connections.renewed([said])
    assert "TikTok a mis fin" in (await browser.get(PAGE)).text
    assert [one.token for one in place.told()] == [None]
    again = place.collector(wire)
    again.take(said)
    await again.renew()
    assert len(wire.of(ACCOUNTS_RENEWED)) == 1


async def test_a_network_that_cannot_be_told_is_told_for_a_day_and_no_more(place):
    owner, browser = some("tiktok"), await place.entered()
    account = place.register(owner.first_handle, network="tiktok")
    await place.connected(browser, account)
    await browser.post(f"{PAGE}/{account.account}/retirer")
    collector = place.collector(wire := KeptWire())
    place.networks.faults.known.append(Fault("503"))
    for _ in range(26):
        await collector.renew()
        place.clock.step_to(place.clock.now() + timedelta(hours=1))
    assert [one.revoked for one in wire.of(ACCOUNTS_RENEWED)] == [False]
    place.store.connections.renewed(wire.of(ACCOUNTS_RENEWED))
    assert "mis fin" not in (await browser.get(PAGE)).text
    assert [one.token for one in place.told()] == [None]


async def test_a_short_token_is_renewed_by_the_other_which_serves_once(place):
    owner, browser = some("tiktok"), await place.entered()
    account = place.register(owner.first_handle, network="tiktok")
    await place.connected(browser, account)
    collector, bucket = place.collector(wire := KeptWire()), owner_bucket("tiktok", account.account)
    first = collector.credential(bucket).token
    place.clock.step_to(place.clock.now() + timedelta(hours=11))
    await collector.renew()
    assert wire.of(ACCOUNTS_RENEWED) == []
    place.clock.step_to(place.clock.now() + timedelta(hours=1))
    await collector.renew()
    second = collector.credential(bucket).token
    assert second != first
    (told,) = wire.of(ACCOUNTS_RENEWED)
    assert told.expires_at - place.clock.now() > timedelta(days=360)
    place.clock.step_to(place.clock.now() + timedelta(hours=12))
    await collector.renew()
    assert collector.credential(bucket).token not in (first, second)

    behind = place.collector(KeptWire())  # it heard of no renewal: what renews has been used
    await behind.renew()
    assert behind.credential(bucket) is None


async def test_a_token_that_ended_meanwhile_is_renewed_before_it_is_used(place):
    """A collector that was away for days comes back: the accord still stands."""
    owner, browser = some("tiktok"), await place.entered()
    account = place.register(owner.first_handle, network="tiktok")
    await place.connected(browser, account)
    place.clock.step_to(place.clock.now() + timedelta(days=9))
    collector, bucket = place.collector(wire := KeptWire()), owner_bucket("tiktok", account.account)
    assert (collector.credential(bucket), collector.good) == (None, set())
    await collector.renew()
    assert collector.credential(bucket) is not None
    assert collector.good == {account.account}
    assert [one.refused for one in wire.of(ACCOUNTS_RENEWED)] == [None]


@pytest.mark.parametrize("said", ["invalid_client", "temporarily_unavailable"])
async def test_an_error_that_is_ours_ends_no_accord(place, said):
    owner, browser = some("tiktok"), await place.entered()
    account = place.register(owner.first_handle, network="tiktok")
    await place.connected(browser, account)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"error": said, "error_description": "No."})

    wire, http = KeptWire(), httpx.AsyncClient(transport=httpx.MockTransport(answer))
    known = place.settings.network_applications
    collector = Connections(wire, http, place.clock, reader_of, [PRIVATE], known)  # type: ignore[arg-type]
    collector.take(place.told()[0])
    place.clock.step_to(place.clock.now() + timedelta(hours=13))
    await collector.renew()
    assert wire.of(ACCOUNTS_RENEWED) == []
    assert collector.good == {account.account}


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
