"""What every network must do, inherited freely: a subclass gives answers, the suite gives tests.

    class TestSomething(NetworkSuite):
        slug = "something"
        good = {"profile": (job, answer), …}

No method needs to be written; what is particular to the network comes below, in the subclass.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from contracts.accounts import ACCOUNT_COUNTERS, AccountObserved
from contracts.addresses import Identity, Refusal, read_address
from contracts.event import require_reasons
from contracts.jobs import JobGranted, JobSubject, Operation, PostReading
from contracts.networks import BY_SLUG
from contracts.posts import POST_COUNTERS, PostObserved, TextObserved
from services.collector.networks import reader_of
from services.collector.readers.reader import Answer, Credential, Parsed, Reader

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
SECRET = "s3cr3t-t0k3n"
CREDENTIAL = Credential("test", f"17840000000000001:{SECRET}")

CAUSES: Mapping[int, str] = {401: "refused", 404: "gone", 408: "unavailable", 410: "gone",
                             429: "rate_limited"}  # fmt: skip
"""What a status asks us to do, where it is not of its hundred (reference: "Back-off")."""

BROKEN = (b"", b"<html><body>oops</body></html>", b"{", b"[1,2", b'{"a":', b"null", b"\xff\xfe\x00",
          b'"text"', b"[]", b"{}")  # fmt: skip


def job_of(
    network: str,
    operation: Operation,
    *subjects: JobSubject,
    slot: datetime = NOW,
    **changes: object,
) -> JobGranted:
    """Return a job granted at its slot."""
    name = f"job-{network}-{operation}"
    known = {
        "event_id": name, "origin": "live", "job": name, "network": network,
        "operation": operation, "bucket": f"{network}:test", "subjects": subjects, "slot": slot,
        "epoch": 1, "granted_at": slot, "expires_at": slot + timedelta(seconds=30),
    }  # fmt: skip
    return JobGranted.model_validate(known | changes)


def answer_of(body: object, status: int = 200, **headers: str) -> Answer:
    """Return an answer, what is neither bytes nor text as JSON; header names with underscores."""
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    return Answer(status, named, text.encode() if isinstance(text, str) else text, NOW)


def reading_of(native_id: str, days: float = 1) -> PostReading:
    """Return a known post, published so many days ago."""
    return PostReading(native_id=native_id, published_at=NOW - timedelta(days=days))


def posts_of(parsed: Parsed) -> list[PostObserved]:
    """Return the posts that an answer gave."""
    return [event for _, event in parsed.events if isinstance(event, PostObserved)]


def texts_of(parsed: Parsed) -> list[TextObserved]:
    """Return the texts that an answer gave."""
    return [event for _, event in parsed.events if isinstance(event, TextObserved)]


def accounts_of(parsed: Parsed) -> list[AccountObserved]:
    """Return the accounts that an answer gave."""
    return [event for _, event in parsed.events if isinstance(event, AccountObserved)]


def spoilt(content: Any) -> Iterator[str]:
    """Yield the texts of a JSON body in which one thing, each in turn, is of another type.

    Of a list, the first and the last item stand for all: items between them are read alike.
    """
    places: list[tuple[Any, Any]] = []
    around = [content]
    while around:
        here = around.pop()
        steps = here if isinstance(here, dict) else {0, len(here) - 1} if here else ()
        places += [(here, step) for step in steps]
        around += [here[step] for step in steps if isinstance(here[step], dict | list)]
    for here, step in places:
        kept, here[step] = here[step], {"odd": [1]} if step != "kind" else 3
        yield json.dumps(content)
        here[step] = kept


class NetworkSuite:
    """The behaviour that all networks share.

    - ``good``: by name, a job and the answer that the network documents for it.
    - ``causes``: the statuses that this network sorts in its own way.
    - ``headers``: headers that say what is left of a quota, and how much they say.
    - ``addresses``: addresses as people give them, and the key of the account that each is of, or
      why it is none; where they are not in ``tests/contracts/test_addresses.py``.
    """

    slug: ClassVar[str]
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]]
    causes: ClassVar[Mapping[int, str]] = {}
    headers: ClassVar[tuple[Mapping[str, str], int] | None] = None
    addresses: ClassVar[Mapping[str, str | Refusal]] = {}
    takes_empty: ClassVar[bool] = False
    """Whether ``{}`` or ``[]`` is a good answer for some operation: nobody, or nothing new."""

    @property
    def reader(self) -> Reader:
        return reader_of(self.slug)

    def cases(self) -> Iterator[tuple[str, JobGranted, Answer]]:
        for name, (job, answer) in self.good.items():
            yield name, job, answer

    def read(self, of: str | JobGranted, body: object, status: int = 200, **more: str) -> Parsed:
        """Return what is read of an answer to a job, or to the good job of that name."""
        job = self.good[of][0] if isinstance(of, str) else of
        return self.reader.read(job, answer_of(body, status, **more))

    def parsed(self, name: str) -> Parsed:
        job, answer = self.good[name]
        return self.reader.read(job, answer)

    def test_good_answers_give_events_that_travel(self):
        for name, job, answer in self.cases():
            parsed = self.reader.read(job, answer)
            assert parsed.cause == "done", (name, parsed.detail)
            assert parsed.events or parsed.deleted or parsed.gone, name
            for topic, event in parsed.events:
                assert isinstance(event, topic.event)
                assert event.key
                assert topic.event.read(event.encode()) == event

    def test_the_same_answer_gives_the_same_events(self):
        for _, job, answer in self.cases():
            assert self.reader.read(job, answer) == self.reader.read(job, answer)

    def test_ids_are_those_of_subject_and_slot(self):
        for _, job, answer in self.cases():
            later = Answer(
                answer.status, answer.headers, answer.body, answer.moment + timedelta(seconds=9)
            )
            first, again = self.reader.read(job, answer), self.reader.read(job, later)
            assert [e.event_id for _, e in first.events] == [e.event_id for _, e in again.events]

    def test_every_null_says_why(self):
        for _, job, answer in self.cases():
            for _, event in self.reader.read(job, answer).events:
                if isinstance(event, AccountObserved):
                    require_reasons(
                        {n: getattr(event, n) for n in ACCOUNT_COUNTERS}, dict(event.absent)
                    )
                if isinstance(event, PostObserved):
                    require_reasons(
                        {n: getattr(event, n) for n in POST_COUNTERS}, dict(event.absent)
                    )

    def test_the_outcome_says_how_many_follow_each_account(self):
        for _, job, answer in self.cases():
            parsed = self.reader.read(job, answer)
            read = {one.account: one.followers for one in accounts_of(parsed)}
            assert parsed.followers == {a: n for a, n in read.items() if n is not None}

    def test_no_counter_is_invented_that_the_network_does_not_publish(self):
        network = BY_SLUG[self.slug]
        for _, job, answer in self.cases():
            for _, event in self.reader.read(job, answer).events:
                if isinstance(event, AccountObserved):
                    unpublished = set(ACCOUNT_COUNTERS) - set(network.account_counters)
                elif isinstance(event, PostObserved):
                    unpublished = set(POST_COUNTERS) - set(network.post_counters)
                else:
                    continue
                assert all(getattr(event, name) is None for name in unpublished)

    def test_no_post_is_dated_in_the_future(self):
        for _, job, answer in self.cases():
            past = Answer(answer.status, answer.headers, answer.body, NOW - timedelta(days=400))
            for _, event in self.reader.read(job, past).events:
                if isinstance(event, PostObserved):
                    assert event.published_at <= past.moment

    def test_every_status_asks_for_something(self):
        job = next(iter(self.good.values()))[0]
        expected = {**CAUSES, **self.causes}
        for status in range(300, 600):
            if status == 304:
                continue
            parsed = self.reader.read(job, answer_of(b"", status))
            wanted = expected.get(
                status, {3: "unavailable", 4: "refused", 5: "unavailable"}[status // 100]
            )
            assert parsed.cause == wanted, (status, parsed.cause, parsed.detail)
            assert parsed.detail
            assert not parsed.events

    @pytest.mark.parametrize("body", BROKEN)
    def test_a_broken_body_is_for_later_and_breaks_nothing(self, body):
        for _, job, _ in self.cases():
            parsed = self.reader.read(job, answer_of(body, content_type="application/json"))
            if self.takes_empty and body in (b"{}", b"[]"):
                continue
            assert parsed.cause == "unavailable", (job.operation, body, parsed)
            assert not parsed.events

    def test_a_field_of_another_type_is_never_taken_for_an_absence(self):
        for _, job, answer in self.cases():
            if not answer.body.startswith((b"{", b"[")):
                continue
            confirming = job.model_copy(update={"confirm": True})
            for body in spoilt(json.loads(answer.body)):
                parsed = self.reader.read(confirming, answer_of(body))
                assert parsed.cause in ("done", "unavailable"), (body, parsed.detail)
                assert (parsed.deleted, parsed.gone) == ({}, {}), body

    def test_a_429_says_when_to_come_back(self):
        job = next(iter(self.good.values()))[0]
        parsed = self.reader.read(job, answer_of(b"", 429, retry_after="120"))
        assert (parsed.cause, parsed.retry_at) == ("rate_limited", NOW + timedelta(seconds=120))
        dated = answer_of(b"", 429, retry_after="Tue, 24 Nov 2026 08:00:00 GMT")
        assert self.reader.read(job, dated).retry_at == datetime(2026, 11, 24, 8, tzinfo=UTC)

    def test_what_is_left_of_the_quota_is_read(self):
        if self.headers is None:
            pytest.skip("this network says nothing of its quota")
        headers, left = self.headers
        for _, job, answer in self.cases():
            told = Answer(answer.status, {**answer.headers, **headers}, answer.body, NOW)
            assert self.reader.read(job, told).quota_left == left

    def test_addresses_are_those_of_accounts_or_say_why_not(self):
        for address, expected in self.addresses.items():
            read = read_address(address)
            assert (read.key if isinstance(read, Identity) else read.refusal) == expected, address
            assert not isinstance(read, Identity) or read_address(read.address) == read

    def test_requests_are_pure_and_show_no_secret(self):
        for _, job, _ in self.cases():
            request = self.reader.request(job, CREDENTIAL)
            assert request == self.reader.request(job, CREDENTIAL)
            assert SECRET not in repr(request)
            assert SECRET not in request.url + str(request.params) + str(request.headers)
            assert request.url.startswith("https://")

    def test_credentials_show_no_token(self):
        assert SECRET not in repr(CREDENTIAL)
