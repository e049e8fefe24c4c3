"""The frame of a network: what to ask, what an answer says, and what a failure asks us to do.

How an answer fails is sorted by what to do about it:

    Failure.cause
    ├── rate_limited   stop the bucket until `retry_at`
    ├── unavailable    later: 5xx, time-outs, broken bodies
    ├── gone           a fact about the account: confirm on the next two days
    ├── refused        a permission is missing: stop the operation for that credential
    ├── credential     expired or revoked: stop the credential, tell somebody
    └── renew          a token that ends: ask for another, then the same job again, once

A network is a `Reader`: facts of the outside world as class attributes, a pure `request` and a pure
`parse`. Neither sees a client, a clock or a broker.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec

from contracts.event import Event
from contracts.jobs import Absence, Cause, JobEnded, JobGranted, JobSubject, PostReading
from contracts.networks import Network
from contracts.topics import Topic
from libs.outbound.retry_after import wait_asked

LARGEST_BODY = 5 * 1024 * 1024
"""Bytes, decompressed; a feed of 5 MB is no feed."""

LONGEST_DETAIL = 500
"""Characters of why a job failed."""

LONGEST_ASKED = timedelta(days=1)
"""Whatever is asked for, a network is asked again after so long: quotas are of a day at most."""

RENEWED_EARLY = timedelta(minutes=5)
"""A token is renewed so long before its end, or in the last tenth of a short life."""

LONGEST_LIFE = 366 * 86_400
"""Seconds; a token said to live longer is renewed after a year."""

FailureCause = Literal["rate_limited", "unavailable", "gone", "refused", "credential", "renew"]


_WORD = re.compile(r"[A-Za-z_][\w.]*\w")


class UnreadableBody(Exception):
    """An answer said to be good whose body is not what the network documents."""


class Present(msgspec.Struct):
    """An object of an answer of which only the presence matters."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A token and the name it has in the settings; the token shows in no log."""

    name: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """What a credential was exchanged for, and from when on another is to be asked for (UTC)."""

    text: str = field(repr=False)
    renew_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, once: address without secret, and the secret apart.

    The body is shown nowhere. Redirections are followed for a GET only.
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    secret_params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secret_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    follows_redirects: bool = False
    largest: int = LARGEST_BODY
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a network answered: header names in lower case, body decompressed, moment (UTC).

    `moved_to` is where a permanent redirection led; `requests` how many were made in all.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    moment: datetime
    moved_to: str | None = None
    requests: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an answer is none, and until when to leave it (UTC, None: the network does not say).

    `absence` is what the network says of the account that is asked for, of one that is gone or is
    not for us.
    """

    cause: FailureCause
    detail: str
    retry_at: datetime | None = None
    absence: Absence | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an answer gave: events with their topics, and what the scheduler must know.

    The fields are those of `JobEnded`; `skipped` counts what was read and is none of ours, by
    reason (others' reposts, replies…). With `renew`, another token may be all that it takes.
    `refused_fields` are those that the network would not give, and that were asked no more;
    `speakers` are the accounts that say what a search found, by mention.
    """

    cause: Cause
    detail: str | None = None
    events: tuple[tuple[Topic, Event], ...] = ()
    next_cursor: str | None = None
    quota_left: int | None = None
    retry_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    items: str | None = None
    gone: Mapping[str, str] = field(default_factory=dict[str, str])
    absences: Mapping[str, Absence] = field(default_factory=dict[str, Absence])
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    native_ids: Mapping[str, str] = field(default_factory=dict[str, str])
    followers: Mapping[str, int] = field(default_factory=dict[str, int])
    readings: Mapping[str, tuple[PostReading, ...]] = field(
        default_factory=dict[str, tuple[PostReading, ...]]
    )
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    deleted: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    alone: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    renew: bool = False
    speakers: Mapping[str, str] = field(default_factory=dict[str, str])
    refused_fields: tuple[str, ...] = ()

    def outcome(self) -> dict[str, Any]:
        """Return what an outcome says of it: the fields that it shares with `JobEnded`."""
        return {name: getattr(self, name) for name in SHARED}


SHARED = tuple(one.name for one in fields(Parsed) if one.name in JobEnded.model_fields)


class Granted(msgspec.Struct):
    """What a token is given as (RFC 6749, section 5.1): seconds of life, where it ends."""

    access_token: str
    expires_in: int | None = None


class Reader(ABC):
    """How a network is read. A subclass states its facts, builds requests and reads answers."""

    network: ClassVar[Network]
    reset_header: ClassVar[str | None] = None
    remaining_header: ClassVar[str | None] = None
    optional_fields: ClassVar[frozenset[str]] = frozenset()
    """Names in parameters `…fields` of which each may be refused: the rest is asked for without."""

    @abstractmethod
    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the one request that a job is worth."""

    @abstractmethod
    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read a good answer; raises `UnreadableBody` when it is not what is documented."""

    def exchange(self, credential: Credential) -> Request | None:
        """Return what exchanges a credential for a token; None where it is the token itself."""
        return None

    def token(self, answer: Answer) -> Token:
        """Read a token, as OAuth 2 gives it; raises `UnreadableBody` when there is none."""
        try:
            granted = msgspec.json.decode(answer.body, type=Granted)
        except msgspec.DecodeError as error:
            raise UnreadableBody(str(error)) from error
        if granted.expires_in is None:
            return Token(granted.access_token)
        life = timedelta(seconds=min(max(0, granted.expires_in), LONGEST_LIFE))
        return Token(granted.access_token, answer.moment + life - min(RENEWED_EARLY, life / 10))

    def host(self, subject: JobSubject) -> str:
        """Return the host that a subject is asked from, for the quotas that are per host."""
        raise NotImplementedError(f"{self.network.slug} has no quota per host: {subject.subject}")

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Say what an answer that is none asks us to do; None when it is to be parsed.

        A network whose errors are 400 or 200 overrides `reason` rather than this.
        """
        status = answer.status
        if status == 304 or 200 <= status < 300:
            return None
        detail = f"HTTP {status}: {self.reason(answer)}".rstrip(": ")
        if status == 429:
            return Failure("rate_limited", detail, self.retry_at(answer))
        if status >= 500 or status == 408:
            return Failure("unavailable", detail, retry_after(answer))
        if status == 401:
            return Failure("credential" if self.network.needs_token else "refused", detail)
        if status in (404, 410):
            # 410 is « known to be gone for ever » (RFC 9110, section 15.5.11); 404 says nothing.
            return Failure("gone", detail, absence="deleted" if status == 410 else "not_found")
        if 300 <= status < 400:
            return Failure("unavailable", f"HTTP {status}: a redirection that is not followed")
        return Failure("refused", detail)

    def narrowed(self, request: Request, answer: Answer) -> Request | None:
        """Return a request without the optional fields that its answer refuses, None for others."""
        if answer.status not in (400, 403):
            return None
        refused = self.refused_fields(answer) & self.optional_fields
        params = tuple(
            (name, _without(value, refused) if name.endswith("fields") else value)
            for name, value in request.params
        )
        return replace(request, params=params) if params != request.params else None

    def refused_fields(self, answer: Answer) -> frozenset[str]:
        """Return the fields that a refusal names: words of its body."""
        return frozenset(_WORD.findall(answer.body.decode(errors="replace")))

    def reason(self, answer: Answer) -> str:
        """Return what the body of an error says, in one line, or nothing."""
        return ""

    def retry_at(self, answer: Answer) -> datetime | None:
        """Return when to come back: `Retry-After` wins, then the network's own reset header."""
        return retry_after(answer) or self.reset_at(answer)

    def reset_at(self, answer: Answer) -> datetime | None:
        """Return the moment of the network's reset header: unix seconds, or an ISO date."""
        text = answer.headers.get(self.reset_header or "", "").strip()
        if not text:
            return None
        try:
            moment = (
                datetime.fromtimestamp(int(text), UTC)
                if text.isdigit()
                else datetime.fromisoformat(text)
            )
        except (ValueError, OverflowError, OSError):
            return None
        return _within_a_day(moment, answer)

    def quota_left(self, answer: Answer) -> int | None:
        """Return what the network says is left of the bucket, or None when it does not say."""
        text = answer.headers.get(self.remaining_header or "", "").strip()
        return int(text) if text.isdigit() else None

    def read(self, job: JobGranted, answer: Answer) -> Parsed:
        """Return what an answer says, whatever it is: this is what a worker calls."""
        try:
            failed = self.failure(job, answer)
            if failed is None:
                return replace(self.parse(job, answer), quota_left=self.quota_left(answer))
        except (UnreadableBody, msgspec.DecodeError, RecursionError) as error:
            failed = Failure("unavailable", f"body that cannot be read: {error}")
        return failed_parse(job, failed, quota_left=self.quota_left(answer))


def failed_parse(job: JobGranted, failed: Failure, *, quota_left: int | None = None) -> Parsed:
    """Return the outcome of a failure; `gone` concerns the subject of a job that has only one.

    Said of a batch, it is true of some member: each is to be asked alone.
    """
    asked = tuple(subject.subject for subject in job.subjects)
    names = asked if failed.cause == "gone" else ()
    several = len(job.subjects) > 1
    absence = failed.absence or ("not_found" if failed.cause == "gone" else None)
    return Parsed(
        cause="credential" if failed.cause == "renew" else failed.cause,
        renew=failed.cause == "renew",
        detail=failed.detail[:LONGEST_DETAIL],
        retry_at=failed.retry_at,
        quota_left=quota_left,
        gone={} if several else dict.fromkeys(names, failed.detail[:LONGEST_DETAIL]),
        absences=dict.fromkeys(asked, absence) if absence and not several else {},
        alone=names if several else (),
    )


def retry_after(answer: Answer) -> datetime | None:
    """Return the moment of `Retry-After` (UTC), within a day."""
    wait = wait_asked(answer.headers.get("retry-after"), answer.moment, LONGEST_ASKED)
    return None if wait is None else answer.moment + wait


def _within_a_day(moment: datetime, answer: Answer) -> datetime | None:
    """Return a moment that was asked for: none is long past, nor of another century."""
    if moment.tzinfo is None:
        return None
    return min(max(moment, answer.moment), answer.moment + LONGEST_ASKED).astimezone(UTC)


def asked_no_more(request: Request, narrower: Request) -> list[str]:
    """Return the fields of a request that a narrower one does without."""
    kept = set(narrower.params)
    return [
        name
        for (key, value), (_, less) in zip(request.params, narrower.params, strict=True)
        if (key, value) not in kept
        for name in value.split(",")
        if name not in less.split(",")
    ]


def _without(fields: str, refused: frozenset[str]) -> str:
    return ",".join(name for name in fields.split(",") if name not in refused)


def host_of(url: str) -> str:
    """Return the host of an address, with its port when it has one, in lower case.

    Raises `ValueError` for what is no address: of such a subject no job is made.
    """
    return urlsplit(url).netloc.rsplit("@", 1)[-1].lower()


_SECRETS = re.compile(
    r"(?i)(access_token|appsecret_proof|api_?key|key|token|authorization:?\s*bearer|bearer)"
    r"([=:\s]|%3D)+[^\s&\"'<>)]+"
)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text fit for logs and outcomes: known secrets and whatever looks like one go."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return _SECRETS.sub(r"\1=…", text)
