"""Tokens that end: a network that gives one for client credentials, by POST, and ends it."""

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, urlencode

import httpx
import pytest

from contracts.jobs import JobEnded, JobGranted, JobSubject
from contracts.networks import BY_SLUG, Network, Quota
from contracts.topics import COLLECT_OUTCOMES
from libs.clock import SteppedClock
from services.collector.readers.findings import Findings
from services.collector.readers.reader import Answer, Credential, Failure, Parsed, Reader, Request
from services.collector.worker import Worker
from tests.collector.fakes import KeptWire
from tests.suites.network import NOW, job_of

HOUR = timedelta(hours=1)
SECRET = "c13nt-s3cr3t"
ESSAI = Network(
    "essai",
    "Essai",
    account_counters=("followers",),
    scored=False,
    quotas={"calls": Quota(100, 3600, "credential", "made up")},
)
JOB = job_of("essai", "profile", JobSubject(subject="acc-1", handle="ville"), bucket="essai:essai")


class EssaiReader(Reader):
    network: ClassVar[Network] = ESSAI

    def exchange(self, credential: Credential) -> Request | None:
        key, secret = credential.token.split(":")
        told = {"grant_type": "client_credentials", "client_key": key, "client_secret": secret}
        form = (("Content-Type", "application/x-www-form-urlencoded"),)
        url = "https://essai.example/token"
        return Request(url, headers=form, method="POST", body=urlencode(told).encode())

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        bearer = f"Bearer {credential.token if credential else ''}"
        body = json.dumps({"user": job.subjects[0].handle}).encode()
        headers = (("Authorization", bearer),)
        return Request(
            "https://essai.example/user", secret_headers=headers, method="POST", body=body
        )

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        if answer.status == 401:
            return Failure("renew", answer.body.decode())
        return super().failure(job, answer)

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        found = Findings(ESSAI, job, answer)
        followers = json.loads(answer.body)["followers"]
        found.account(job.subjects[0], native_id="1", handle=None, name=None,
                      counters={"followers": followers})  # fmt: skip
        return found.parsed()


class Essai:
    """The network: its tokens live two hours, unless it is said to end them."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.asked: Counter[str] = Counter()
        self.given: dict[str, datetime] = {}
        self.refuses = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked[request.url.path] += 1
        assert request.method == "POST"
        if request.url.path == "/token":
            said = parse_qs(request.content.decode())
            if said["client_secret"] != [SECRET]:
                return httpx.Response(400, json={"error": "invalid_client"})
            token = f"t0k3n-{len(self.given)}"
            self.given[token] = self.clock.now() + 2 * HOUR
            return httpx.Response(200, json={"access_token": token, "expires_in": 7200})
        token = request.headers["Authorization"].removeprefix("Bearer ")
        if self.given[token] <= self.clock.now() or self.refuses:
            self.refuses = max(0, self.refuses - 1)
            return httpx.Response(401, text=f"token {token} has expired")
        assert json.loads(request.content) == {"user": "ville"}
        return httpx.Response(200, json={"followers": 7})


@pytest.fixture
def essai(monkeypatch: pytest.MonkeyPatch) -> Essai:
    monkeypatch.setitem(BY_SLUG, ESSAI.slug, ESSAI)
    return Essai(SteppedClock(NOW))


def worker_of(essai: Essai, secret: str = SECRET) -> tuple[Worker, KeptWire]:
    wire, http = KeptWire(), httpx.AsyncClient(transport=httpx.MockTransport(essai))
    credentials = {"essai:essai": Credential("essai", f"key:{secret}")}
    return Worker(wire, http, essai.clock, lambda _: EssaiReader(), credentials), wire


async def run(worker: Worker, essai: Essai, name: str = "job") -> JobEnded:
    now = essai.clock.now()
    changes = {"job": name, "granted_at": now, "expires_at": now + timedelta(seconds=30)}
    return await worker.run(JOB.model_copy(update=changes))


async def test_a_token_is_asked_for_once_however_many_want_it(essai):
    worker, _ = worker_of(essai)
    ended = await asyncio.gather(*(run(worker, essai, f"job-{n}") for n in range(8)))
    assert {(one.cause, one.observed, one.requests) for one in ended} == {("done", 1, 1)}
    assert essai.asked == {"/token": 1, "/user": 8}


async def test_a_token_is_renewed_before_its_end(essai):
    worker, _ = worker_of(essai)
    for hours in (0, 1, 1.95, 3, 3.9):
        essai.clock.step_to(NOW + hours * HOUR)
        assert (await run(worker, essai, f"job-{hours}")).requests == 1
    assert essai.asked == {"/token": 3, "/user": 5}


async def test_a_token_that_ends_early_is_renewed_and_the_job_asked_again(essai):
    worker, _ = worker_of(essai)
    await run(worker, essai)
    essai.refuses = 1
    ended = await run(worker, essai, "another")
    assert (ended.cause, ended.observed, ended.requests) == ("done", 1, 2)
    assert essai.asked == {"/token": 2, "/user": 3}


async def test_a_credential_whose_new_tokens_are_refused_is_dead(essai):
    worker, wire = worker_of(essai)
    essai.refuses = 9
    ended = await run(worker, essai)
    assert (ended.cause, ended.requests) == ("credential", 2)
    assert "t0k3n" not in wire.of(COLLECT_OUTCOMES)[0].encode().decode()


async def test_a_credential_that_gets_no_token_is_dead(essai):
    worker, _ = worker_of(essai, "wr0ng")
    ended = await run(worker, essai)
    assert (ended.cause, ended.requests) == ("credential", 0)
    assert essai.asked == {"/token": 1}


def test_what_is_sent_is_shown_nowhere():
    credential = Credential("essai", f"key:{SECRET}")
    request = EssaiReader().exchange(credential)
    assert SECRET.encode() in request.body
    assert SECRET not in repr(request)
