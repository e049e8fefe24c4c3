"""A worker: drops what is late or fenced, publishes before it says so, keeps secrets, survives."""

import asyncio
import json
import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from prometheus_client import REGISTRY
from pydantic import ValidationError
from structlog.testing import capture_logs

from contracts.event import Event
from contracts.jobs import JobEnded, JobGranted, JobSubject, PostReading
from contracts.topics import ACCOUNTS_OBSERVED, COLLECT_OUTCOMES, POSTS_OBSERVED, Topic
from libs.clock import SteppedClock
from libs.wire.checking import Received
from services.collector import worker as worker_module
from services.collector.app import credentials_of, names_of, same_tokens
from services.collector.networks import reader_of
from services.collector.planning.progress import advance, progress_of
from services.collector.planning.schedule import Subject
from services.collector.readers.reader import Answer, Parsed, Reader, Request
from services.collector.worker import Worker
from tests.collector.fakes import KeptWire
from tests.suites.network import NOW, job_of

DID = "did:plc:a"
SUBJECT = JobSubject(subject="acc-1", handle="ville.example", native_id=DID)
SECRET = "EAAG-very-secret"


def at(job: JobGranted, **changes: object) -> Received[JobGranted]:
    return Received(job.model_copy(update=changes), TopicPartition("t", 0), 0)


def worker_of(
    wire: KeptWire, body: object = None, *, clock: SteppedClock | None = None,
    reader: Reader | None = None, **answer: Any,
) -> tuple[Worker, list[httpx.Request]]:  # fmt: skip
    """A worker whose every request is answered so, and the requests that it makes."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(**{"status_code": 200, "json": body} | answer)

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    credentials = credentials_of({"facebook": SECRET, "instagram": f"178:{SECRET}"})
    readers = (lambda _: reader) if reader else reader_of
    return Worker(wire, http, clock or SteppedClock(NOW), readers, credentials), asked


PROFILES = {"profiles": [{"did": DID, "handle": "ville.example", "followersCount": 5}]}


async def test_events_are_published_before_the_outcome():
    wire = KeptWire()
    worker, _ = worker_of(wire, PROFILES)
    await worker.handle([at(job_of("bluesky", "profile", SUBJECT))])
    assert [topic for topic, _ in wire.kept] == [ACCOUNTS_OBSERVED, COLLECT_OUTCOMES]
    ended = wire.of(COLLECT_OUTCOMES)[0]
    assert (ended.cause, ended.observed, ended.requests) == ("done", 1, 1)


async def test_a_job_done_twice_gives_the_same_observation():
    wire = KeptWire()
    job = at(job_of("bluesky", "profile", SUBJECT))
    for _ in range(2):
        worker, _ = worker_of(wire, PROFILES)
        await worker.handle([job])
    first, again = wire.of(ACCOUNTS_OBSERVED)
    assert first == again


@pytest.mark.parametrize("late", [timedelta(seconds=30), timedelta(hours=1)])
async def test_an_expired_job_is_dropped_and_said_so(late):
    wire = KeptWire()
    worker, asked = worker_of(wire, PROFILES, clock=SteppedClock(NOW + late))
    await worker.handle([at(job_of("bluesky", "profile", SUBJECT))])
    ended: JobEnded = wire.of(COLLECT_OUTCOMES)[0]
    assert (asked, ended.cause, ended.detail, ended.requests) == ([], "expired", "expired", 0)


async def test_a_job_of_an_older_leader_is_dropped():
    wire = KeptWire()
    worker, asked = worker_of(wire, PROFILES)
    job = job_of("bluesky", "profile", SUBJECT)
    await worker.handle([at(job, epoch=2)])
    await worker.handle([at(job, epoch=1)])
    assert len(asked) == 1
    assert [(e.cause, e.detail) for e in wire.of(COLLECT_OUTCOMES)] == [
        ("done", None), ("expired", "fenced")]  # fmt: skip


def page_of(size: int, native_id: str) -> Parsed:
    """What a page of so many posts gives, all to be read again."""
    found = tuple(
        PostReading(native_id=f"{n}{native_id}", published_at=NOW - n * timedelta(minutes=1))
        for n in range(size)
    )
    return Parsed("done", readings={"acc-1": found})


@pytest.mark.parametrize(
    ("parsed", "cause"),
    [
        (page_of(9_000, "x" * 500), "done"),
        (page_of(9_000, "🏛" * 500), "done"),
        (page_of(1_500, "\x01" * 500), "done"),
        (page_of(1_500, '"' * 500), "done"),
        (Parsed("done", next_cursor="x" * 2_000_000), "unavailable"),
        (Parsed("done", next_cursor="x" * 700_000), "unavailable"),
    ],
)
async def test_an_outcome_fits_in_a_record_whatever_was_answered(parsed, cause):
    class Endless(Reader):
        network = reader_of("mastodon").network

        def request(self, job: JobGranted, credential: object) -> Request:
            return Request("https://social.example/api")

        def parse(self, job: JobGranted, answer: Answer) -> Parsed:
            return parsed

    wire = KeptWire()
    worker, _ = worker_of(wire, reader=Endless())
    await worker.handle([at(job_of("mastodon", "posts", SUBJECT))])
    ended: JobEnded = wire.of(COLLECT_OUTCOMES)[0]
    assert ended.cause == cause
    assert len(ended.encode()) < 1_000_000
    if cause == "done":
        # The newest are read again; what is remembered of the account fits in a record too.
        kept = ended.readings["acc-1"]
        assert max(post.published_at for post in kept) == NOW
        subject = Subject("acc-1", reader_of("mastodon").network, "ville@social.example")
        advance(subject, ended)
        older = tuple(post.model_copy(update={"native_id": f"y{post.native_id}"}) for post in kept)
        advance(subject, ended.model_copy(update={"readings": {"acc-1": older}}))
        assert len(progress_of(subject, "live", 1, NOW).encode()) < 1_048_576


@pytest.mark.parametrize(
    "said", [{"renamed": "x" * 2_000_000}, {"native_ids": "x" * 600}, {"renamed": ""}]
)
async def test_a_name_without_end_says_nothing_of_its_neighbours(said):
    class Odd(Reader):
        network = reader_of("bluesky").network

        def request(self, job: JobGranted, credential: object) -> Request:
            return Request("https://social.example/api")

        def parse(self, job: JobGranted, answer: Answer) -> Parsed:
            names = {field: {"acc-1": name, "acc-2": "mairie"} for field, name in said.items()}
            return Parsed("done", etag="e" * 60_000, **names)

    wire = KeptWire()
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    worker = Worker(wire, http, SteppedClock(NOW), lambda _: Odd(), {})
    await worker.handle([at(job_of("bluesky", "profile", SUBJECT))])
    ended: JobEnded = wire.of(COLLECT_OUTCOMES)[0]
    assert (ended.cause, ended.etag) == ("done", None)
    assert {**ended.renamed, **ended.native_ids} == {"acc-2": "mairie"}


async def test_an_epoch_of_nobody_fences_for_a_minute_not_for_good():
    wire = KeptWire()
    clock = SteppedClock(NOW)
    worker, _ = worker_of(wire, PROFILES, clock=clock)

    def granted(name: str, epoch: int) -> JobGranted:
        told = {"job": name, "epoch": epoch, "expires_at": NOW + timedelta(minutes=10)}
        return job_of("bluesky", "profile", SUBJECT).model_copy(update=told)

    await worker.handle([at(granted("odd", 1_000_000))])
    await worker.handle([at(granted("real-1", 4))])
    clock.step(61)
    await worker.handle([at(granted("real-2", 4))])
    causes = [(one.job, one.cause) for one in wire.of(COLLECT_OUTCOMES)]
    assert causes == [("odd", "done"), ("real-1", "expired"), ("real-2", "done")]


@pytest.mark.parametrize("epoch", [2**30 + 1, 2**62, -1])
def test_an_epoch_that_no_leader_has_is_none(epoch):
    job = job_of("bluesky", "profile", SUBJECT).model_copy(update={"epoch": epoch})
    with pytest.raises(ValidationError, match="epoch"):
        JobGranted.read(job.encode())


@pytest.mark.parametrize("network", ["tomorrow", "os", "..x", "bluesky.x", "__init__"])
async def test_a_job_of_a_network_of_a_newer_version_is_told_and_holds_nothing(network):
    wire = KeptWire()
    worker, asked = worker_of(wire, PROFILES)
    job = job_of("bluesky", "profile", SUBJECT)
    newer = job.model_copy(update={"network": network, "job": "new"})
    await worker.handle([at(newer), at(job)])
    told = {one.job: (one.cause, one.requests) for one in wire.of(COLLECT_OUTCOMES)}
    assert told == {"new": ("unavailable", 0), job.job: ("done", 1)}
    assert len(asked) == 1
    for name, counted in ((network, False), ("unknown", True)):
        labels = {"network": name}
        found = REGISTRY.get_sample_value("observatoire_collector_job_seconds_count", labels)
        assert bool(found) == counted, "a name that a record bears is no label of a metric"


async def test_what_a_job_gave_is_kept_no_longer_than_a_job_of_ours_lives():
    """One that says it expires in 2099 was kept until then: memory without end."""
    clock = SteppedClock(NOW)
    worker, asked = worker_of(KeptWire(), PROFILES, clock=clock)
    batch = [at(job_of("bluesky", "profile", SUBJECT), expires_at=NOW + timedelta(days=26_000))]
    for seconds, requests in ((0, 1), (20, 1), (11, 2)):
        clock.step(seconds)
        await worker.handle(batch)
        assert len(asked) == requests


def test_a_job_of_nobody_is_no_job():
    job = job_of("bluesky", "profile", SUBJECT).model_copy(update={"subjects": ()})
    with pytest.raises(ValidationError, match="subjects"):
        JobGranted.read(job.encode())


async def test_a_feed_of_nine_thousand_entries_fits_in_a_record():
    entries = "".join(
        f"<item><title>{n}</title><guid>{'g' * 400}{n}</guid></item>" for n in range(9_000)
    )
    body = f"<rss version='2.0'><channel><title>t</title>{entries}</channel></rss>".encode()
    reader = reader_of("rss")
    job = job_of("rss", "feed", JobSubject(subject="acc-f", handle="https://a.example/feed"))
    parsed = reader.read(job, Answer(200, {}, body, NOW))
    assert len(parsed.items or "") < 100_000
    assert (len(parsed.events), parsed.readings) == (2_000, {})


async def test_a_reader_that_breaks_stops_nothing():
    class Broken(Reader):
        network = reader_of("bluesky").network

        def request(self, job: object, credential: object) -> object:
            raise KeyError("bug")

        def parse(self, job: object, answer: object) -> object:
            raise AssertionError

    wire = KeptWire()
    worker, _ = worker_of(wire, reader=Broken())
    await worker.handle([at(job_of("bluesky", "profile", SUBJECT))])
    assert wire.of(COLLECT_OUTCOMES)[0].cause == "unavailable"


async def test_a_batch_read_again_asks_nothing_twice():
    class Refusing(KeptWire):
        refused = 1

        async def publish(self, topic: Topic, event: Event, *_: Any) -> None:
            if self.refused:
                self.refused -= 1
                raise KafkaError("no broker for a moment")
            await super().publish(topic, event)

    wire = Refusing()
    worker, asked = worker_of(wire, PROFILES)
    batch = [at(job_of("bluesky", "profile", SUBJECT))]
    with pytest.raises(KafkaError):
        await worker.handle(batch)
    await worker.handle(batch)
    await worker.handle(batch)
    assert len(asked) == 1
    (ended,) = wire.of(COLLECT_OUTCOMES)
    assert (ended.cause, ended.requests) == ("done", 1)


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "youtube", "instagram", "facebook"])
def test_a_nested_answer_is_one_that_cannot_be_read(network):
    nested = b'{"x":' + b"[" * 200_000
    answer = Answer(200, {}, nested, NOW, requests=1)
    parsed = reader_of(network).read(job_of(network, "profile", SUBJECT), answer)
    assert parsed.cause == "unavailable"
    assert "cannot be read" in (parsed.detail or "")


@pytest.mark.parametrize("network", ["facebook", "instagram"])
async def test_secrets_are_in_no_outcome_and_no_log(network):
    wire = KeptWire()
    message = f"Error validating access token={SECRET} of https://x/?access_token={SECRET}"
    worker, asked = worker_of(wire, {"error": {"message": message, "code": 190}}, status_code=400)
    subject = JobSubject(subject="acc-1", handle="ville", native_id="12")
    job = job_of(network, "posts", subject, bucket=f"{network}:{network}")
    with capture_logs() as logs:
        await worker.handle([at(job)])
    assert asked[0].headers["Authorization"] == f"Bearer {SECRET}"
    ended = wire.of(COLLECT_OUTCOMES)[0]
    assert ended.cause == "credential"
    assert SECRET not in ended.encode().decode() + json.dumps(logs, default=str)
    assert SECRET not in str(asked[0].url)


class Fielded(type(reader_of("peertube"))):
    """A network that answers what it is asked for, but for fields that it refuses by name."""

    optional_fields = frozenset({"likes", "views"})

    def request(self, job, credential):
        return Request("https://tube.example/", (("fields", "id,likes,name,views"),))


@pytest.mark.parametrize(
    ("refused", "last", "cause"),
    [
        (["likes"], "id,name,views", "done"),
        (["likes", "views"], "id,name", "done"),
        (["name"], "id,likes,name,views", "refused"),
    ],
)
async def test_a_field_that_is_refused_does_not_empty_the_answer(refused, last, cause):
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(fields := request.url.params["fields"])
        named = [name for name in refused if name in fields.split(",")]
        if named:
            return httpx.Response(403, json={"error": f"no access to the field {named[0]!r}"})
        return httpx.Response(200, json={"id": 7, "name": "ville", "host": "tube.example"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    worker = Worker(KeptWire(), http, SteppedClock(NOW), lambda _: Fielded(), {})
    subject = JobSubject(subject="acc-1", handle="ville@tube.example")
    parsed, requests = await worker.look(job_of("peertube", "profile", subject))
    assert (asked[-1], parsed.cause, requests) == (last, cause, len(asked))


async def test_an_unreachable_network_is_told():
    wire = KeptWire()

    def down(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route to host")

    http = httpx.AsyncClient(transport=httpx.MockTransport(down))
    worker = Worker(wire, http, SteppedClock(NOW), reader_of, {})
    await worker.handle([at(job_of("bluesky", "posts", SUBJECT))])
    ended = wire.of(COLLECT_OUTCOMES)[0]
    assert (ended.cause, wire.of(POSTS_OBSERVED)) == ("unavailable", [])
    assert "no route" in ended.detail


def test_tokens_are_named_by_network():
    credentials = credentials_of(
        {"instagram": "1:a", "instagram-2": "2:b", "facebook": "a", "youtube": "k", "x": ""}
    )
    assert names_of(credentials) == {
        "instagram": ("instagram", "instagram-2"), "facebook": ("facebook",),
        "youtube": ("youtube",)}  # fmt: skip
    assert same_tokens(credentials) == {"facebook:facebook": "instagram:instagram"}
    assert "1:a" not in repr(credentials)


@pytest.mark.parametrize("fails", [True, False], ids=["a job beside fails", "granted twice over"])
async def test_a_slow_host_is_asked_once_for_one_grant(fails):
    class Refusing(KeptWire):
        refused = fails

        async def publish(self, topic: Topic, event: Event, *_: Any) -> None:
            if self.refused:
                self.refused = False
                raise KafkaError("no broker for a moment")
            await super().publish(topic, event)

    asked: list[str] = []
    answering = asyncio.Event()

    async def handle(request: httpx.Request) -> httpx.Response:
        asked.append(who := request.url.params["actors"])
        if who == DID:
            await answering.wait()
        return httpx.Response(200, json=PROFILES)

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    worker = Worker(Refusing(), http, SteppedClock(NOW), reader_of, {})
    slow = at(job_of("bluesky", "profile", SUBJECT))
    other = JobSubject(subject="acc-2", handle="bourg.example", native_id="did:plc:b")
    quick = Received(
        job_of("bluesky", "profile", other).model_copy(update={"job": "quick"}),
        TopicPartition("t", 1),
        0,
    )
    asyncio.get_running_loop().call_later(0.05, answering.set)
    batch = [slow, quick] if fails else [slow, slow, quick]
    if fails:
        with pytest.raises(KafkaError):
            await worker.handle(batch)
    await worker.handle(batch)
    assert sorted(asked) == [DID, "did:plc:b"]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=1)),
        ("30", timedelta(seconds=30)),
    ],
)
async def test_whatever_a_network_asks_it_is_asked_again_within_a_day(asked, waits):
    wire = KeptWire()
    worker, made = worker_of(wire, {}, status_code=503, headers={"Retry-After": asked})
    batch = [at(job_of("bluesky", "profile", SUBJECT))]
    await worker.handle(batch)
    await worker.handle(batch)
    (ended,) = wire.of(COLLECT_OUTCOMES)
    assert (ended.cause, ended.retry_at, len(made)) == ("unavailable", NOW + waits, 1)


async def test_an_answer_that_no_outcome_can_hold_is_one_that_is_not_understood():
    wire = KeptWire()
    account = {"id": "1", "username": "ville"}
    worker, asked = worker_of(wire, account, headers={"X-RateLimit-Remaining": "9" * 30})
    subject = JobSubject(subject="acc-1", handle="ville@ici.example", native_id="1")
    batch = [at(job_of("mastodon", "profile", subject))]
    await worker.handle(batch)
    await worker.handle(batch)
    (ended,) = wire.of(COLLECT_OUTCOMES)
    assert (ended.cause, len(asked)) == ("unavailable", 1)
    assert "quota_left" in ended.detail


async def test_a_large_answer_is_read_beside_the_loop():
    """The group gives the work of who is silent to another: reading must not keep us so."""
    threads: list[threading.Thread] = []

    class Slow(Reader):
        network = reader_of("bluesky").network

        def request(self, job: object, credential: object) -> Request:
            return Request("https://ici.example/")

        def parse(self, job: object, answer: Answer) -> Parsed:
            threads.append(threading.current_thread())
            return Parsed("done")

    wire = KeptWire()
    for size in (10, worker_module.LARGE_BODY):
        worker, _ = worker_of(wire, "x" * size, reader=Slow())
        await worker.handle([at(job_of("bluesky", "profile", SUBJECT))])
    assert [thread is threading.main_thread() for thread in threads] == [True, False]
