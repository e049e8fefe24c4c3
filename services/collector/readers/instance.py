"""Networks of many servers: an account's own instance is asked, which its handle names.

An instance may refuse anonymous reading (401, 403). What is said in another way than by an
instance, in its JSON, is no fact: a parked domain answers 404 to everything.
"""

import re
from typing import ClassVar

import msgspec

from contracts.addresses.hosts import parts_of
from contracts.jobs import JobGranted, JobSubject
from services.collector.parsing.lenient import told
from services.collector.readers.pages import PagesReader
from services.collector.readers.reader import Answer, Failure

_HOST = re.compile(r"[a-z0-9.\-]+(:\d{1,5})?")


class Problem(msgspec.Struct):
    """The body of an error: `error`, or RFC 7807."""

    detail: str = ""
    error: str = ""


class InstanceReader(PagesReader):
    """What networks of instances share."""

    reset_header = "x-ratelimit-reset"
    remaining_header = "x-ratelimit-remaining"
    missing: ClassVar[tuple[int, ...]] = (404, 410)
    speaker = "an instance"

    def host(self, subject: JobSubject) -> str:
        """Return the instance of an account, as its handle has it, whatever it has."""
        return subject.handle.rpartition("@")[2].lower()

    def api(self, subject: JobSubject) -> str:
        """Return where its API is. Raises `ValueError` for a host that cannot be asked."""
        if not _HOST.fullmatch(self.host(subject)):
            raise ValueError(f"not an account of an instance: {subject.handle[:80]!r}")
        return f"https://{self.host(subject)}/api/v1"

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Say so of an instance that leads to its way in: it is read by who has signed in."""
        to = answer.headers.get("location", "")
        if answer.status in (302, 303) and parts_of(to).path.rstrip("/") == "/login":
            return Failure("refused", f"HTTP {answer.status}: signing in is asked for")
        return super().failure(job, answer)

    def reason(self, answer: Answer) -> str:
        """Return what the instance says."""
        problem = told(answer.body, Problem) or Problem()
        return problem.detail or problem.error
