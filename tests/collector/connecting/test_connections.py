"""Tokens of owners: renewed at half their life, refused alone, told, and paid from alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from contracts.accounts import AccountConnected, AccountRegistered, AccountRenewed, Ownership
from contracts.jobs import JobSubject, owner_bucket
from contracts.networks.threads import CONSENT
from contracts.topics import ACCOUNTS_RENEWED
from libs.clock import SteppedClock
from libs.sealing import Keys, Seal, new_pair
from services.collector.connecting.connections import Connections
from services.collector.networks import reader_of
from services.collector.planning.planner import Planner
from services.collector.worker import Worker
from tests.collector.fakes import KeptWire
from tests.suites.network import NOW, job_of

DAY = timedelta(days=1)
LIFE = timedelta(seconds=CONSENT.lifetime)
PRIVATE, PUBLIC = new_pair()
TAKEN_BACK = {"error": {"message": "The user took it back", "type": "OAuthException", "code": 190}}
TOO_MANY = {"error": {"message": "Application request limit reached", "code": 4}}


class Network:
    """Threads as owners' tokens see it; `answers` are what renewals are told, in turn."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response] = []
        self.asked: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/refresh_access_token":
            self.asked.append(request.url.params["access_token"])
            self.meanwhile()
            return self.answers.pop(0)
        return httpx.Response(400, json=TAKEN_BACK)


class Place:
    """A collector's connections, and what they tell."""

    def __init__(self) -> None:
        self.clock, self.wire, self.network = SteppedClock(NOW), KeptWire(), Network()
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self.network))
        self.connections = self.restarted()

    def restarted(self, private: str = PRIVATE) -> Connections:
        return Connections(self.wire, self.http, self.clock, reader_of, [private])

    def connect(self, account: str = "acc-1", token: str = "t0k3n-1", number: int = 1) -> None:
        self.connections.take(connected(account, token, number, self.clock.now()))

    def worker(self) -> Worker:
        owned = self.connections.credential
        return Worker(self.wire, self.http, self.clock, reader_of, {}, owned)

    def told(self) -> list[AccountRenewed]:
        return self.wire.of(ACCOUNTS_RENEWED)

    def token(self, account: str = "acc-1") -> str | None:
        found = self.connections.credential(owner_bucket("threads", account))
        return found.token if found else None


def connected(
    account: str, token: str | None, number: int, now: datetime, purpose: str = "token"
) -> AccountConnected:
    seal = Seal(PUBLIC, purpose)  # type: ignore[arg-type]
    return AccountConnected(
        event_id=f"{account}-{number}",
        origin="live",
        account=account,
        connection=f"c{number}",
        revision=number,
        network="threads",
        state="connected" if token else "withdrawn",
        token=seal.text(token) if token else None,
        expires_at=now + LIFE,
        changed_at=now,
    )


def given(token: str) -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, "expires_in": CONSENT.lifetime})


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_token_is_renewed_at_half_its_life_and_by_whoever_leads_next(place):
    place.connect()
    place.clock.step_to(NOW + LIFE / 2 - DAY)
    await place.connections.renew()
    assert place.network.asked == []
    place.network.answers = [given("t0k3n-2"), given("t0k3n-3")]
    place.clock.step_to(NOW + LIFE / 2)
    await place.connections.renew()
    await place.connections.renew()
    assert (place.network.asked, place.token()) == (["t0k3n-1"], "t0k3n-2")
    (told,) = place.told()
    assert told.token
    assert "t0k3n" not in told.token
    assert Keys([PRIVATE], "token").open(told.token) == "t0k3n-2"
    assert told.expires_at > NOW + LIFE + DAY

    place.connections = place.restarted()
    place.connections.take(told)
    place.connect()
    assert place.token() == "t0k3n-2"
    place.clock.step_to(NOW + LIFE + DAY)
    await place.connections.renew()
    assert place.network.asked[1:] == ["t0k3n-2"]


async def test_a_renewal_that_is_refused_stops_its_own_account_alone_and_is_told(place):
    place.connect()
    place.clock.step_to(NOW + LIFE / 2)
    place.connect("acc-2", "t0k3n-b")
    place.network.answers = [httpx.Response(400, json=TAKEN_BACK)]
    await place.connections.renew()
    (told,) = place.told()
    assert (told.account, told.token) == ("acc-1", None)
    assert told.refused
    assert "190" in told.refused
    assert (place.token(), place.token("acc-2")) == (None, "t0k3n-b")
    assert place.connections.good == {"acc-2"}
    place.connect(token="t0k3n-new", number=2)
    assert place.token() == "t0k3n-new"


@pytest.mark.parametrize(
    "answer", [httpx.Response(503), httpx.Response(400, json=TOO_MANY), httpx.Response(200)]
)
async def test_a_network_that_does_not_answer_is_asked_again_until_the_token_ends(place, answer):
    place.connect()
    place.network.answers = [answer, given("t0k3n-2")]
    place.clock.step_to(NOW + LIFE / 2)
    await place.connections.renew()
    await place.connections.renew()
    assert (len(place.network.asked), place.told(), place.token()) == (1, [], "t0k3n-1")
    place.clock.step_to(place.clock.now() + timedelta(hours=1))
    await place.connections.renew()
    assert place.token() == "t0k3n-2"


async def test_a_token_that_has_ended_is_told_and_used_no_more(place):
    place.connect()
    place.clock.step_to(NOW + LIFE)
    await place.connections.renew()
    assert [bool(one.refused) for one in place.told()] == [True]
    assert (place.token(), place.network.asked) == (None, [])


async def test_of_what_is_withdrawn_no_token_is_left(place):
    place.connect()
    place.network.answers = [given("t0k3n-2")]
    place.clock.step_to(NOW + LIFE / 2)
    await place.connections.renew()
    withdrawn = connected("acc-1", None, 2, NOW).model_copy(update={"connection": "c1"})
    place.connections.take(withdrawn)
    assert place.token() is None
    await place.connections.renew()
    await place.connections.renew()
    assert [one.token is None for one in place.told()] == [False, True]


@pytest.mark.parametrize("answer", [given("t0k3n-2"), httpx.Response(400, json=TAKEN_BACK)])
async def test_what_became_of_one_connection_is_not_said_of_the_next_one(place, answer):
    """She connected anew while the network was asked: her new token was told to be no more."""
    place.connect()
    place.network.answers = [answer]
    place.clock.step_to(NOW + LIFE / 2)
    place.network.meanwhile = lambda: place.connect(token="t0k3n-new", number=2)
    await place.connections.renew()
    assert (place.told(), place.token()) == ([], "t0k3n-new")


async def test_one_who_connects_anew_while_another_is_asked_stays_connected(place):
    place.connect()
    withdrawn = connected("acc-2", "t0k3n-b", 2, NOW).model_copy(update={"state": "withdrawn"})
    place.connections.take(withdrawn)
    place.network.answers = [given("t0k3n-2")]
    place.clock.step_to(NOW + LIFE / 2)
    place.network.meanwhile = lambda: place.connect("acc-2", "t0k3n-new", number=3)
    await place.connections.renew()
    assert place.token("acc-2") == "t0k3n-new"
    assert [one.account for one in place.told()] == ["acc-1"]


async def test_what_is_not_sealed_to_us_as_a_token_opens_nothing(place):
    place.connect()
    place.connections = place.restarted(new_pair()[0])
    place.connect()
    assert place.token() is None
    place.connections = place.restarted()
    place.connections.take(connected("acc-1", "t0k3n", 1, NOW, "recipient"))
    assert place.token() is None


async def test_a_job_whose_token_is_refused_tells_it_without_the_token(place):
    place.connect()
    place.connect("acc-2", "t0k3n-b")
    worker = Worker(
        place.wire, place.http, place.clock, reader_of, {}, place.connections.credential
    )
    now = NOW + timedelta(hours=1)
    place.clock.step_to(now)
    bucket = owner_bucket("threads", "acc-1")
    subject = JobSubject(subject="acc-1", handle="ville")
    ended = await worker.run(job_of("threads", "profile", subject, slot=now, bucket=bucket))
    assert ended.cause == "credential"
    await place.connections.refused(ended)
    await place.connections.refused(ended)
    assert [one.account for one in place.told()] == ["acc-1"]
    assert place.connections.good == {"acc-2"}
    assert "t0k3n" not in str(place.wire.kept)


async def test_what_was_asked_before_says_nothing_of_a_token_just_given(place):
    place.connect()
    bucket = owner_bucket("threads", "acc-1")
    worker = Worker(
        place.wire, place.http, place.clock, reader_of, {}, place.connections.credential
    )
    subject = JobSubject(subject="acc-1", handle="ville")
    await place.connections.refused(
        await worker.run(job_of("threads", "profile", subject, bucket=bucket))
    )
    assert place.token() == "t0k3n-1"


def registered(account: str, network: str = "threads") -> AccountRegistered:
    return AccountRegistered(
        event_id=account,
        origin="live",
        account=account,
        revision=1,
        network=network,
        handle=account,
        address=f"https://www.threads.net/@{account}",
        owners=(Ownership(territory="59350", home=True),),
        state="verified",
        registered_at=NOW,
        changed_at=NOW,
    )


def planner(**tokens: tuple[str, ...]) -> Planner:
    made = Planner(origin="live", epoch=1, credentials=tokens, host_of=lambda *_: "threads.net")
    made.owned((), NOW)
    for account in ("acc-1", "acc-2", "acc-3"):
        made.register(registered(account), NOW)
    return made


def paid(made: Planner, now: datetime) -> set[tuple[str, str]]:
    return {(job.subjects[0].subject, job.bucket) for job in made.plan(now)}


def test_an_owner_pays_for_her_own_account_where_we_have_no_token():
    made = planner()
    assert paid(made, NOW) == set()
    made.owned({"acc-2"}, NOW)
    assert paid(made, NOW) == {("acc-2", "threads:owner-acc-2")}


def test_one_that_is_refused_is_read_as_before():
    made = planner(threads=("threads",))
    made.owned({"acc-1"}, NOW)
    ours, theirs = "threads:threads", "threads:owner-acc-1"
    assert paid(made, NOW) == {("acc-1", theirs), ("acc-2", ours), ("acc-3", ours)}
    made.owned((), NOW)
    later = NOW + timedelta(minutes=2)
    assert paid(made, later) == {(f"acc-{one}", ours) for one in (1, 2, 3)}


@pytest.mark.parametrize("network", ["tiktok", "pinterest"])
def test_what_only_its_owner_may_read_is_due_while_she_lets_us_and_counted_then_alone(network):
    made = Planner(origin="live", epoch=1, credentials={}, host_of=lambda *_: "")
    made.owned((), NOW)
    for account in ("acc-1", "acc-2"):
        made.register(registered(account, network), NOW)
    assert (made.plan(NOW), made.next_at(), made.counts()) == ([], None, {})
    assert made.lags(NOW + 9 * DAY) == {}
    made.owned({"acc-2"}, NOW)
    assert paid(made, NOW) == {("acc-2", f"{network}:owner-acc-2")}
    assert made.counts() == {network: 1}
    made.owned((), NOW)
    assert paid(made, NOW + 9 * DAY) == set()
    assert set(made.lags(NOW + 9 * DAY).values()) == {0.0}
