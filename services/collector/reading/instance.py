"""Networks of many servers: an account's own instance is asked, which its handle names.

An instance may refuse anonymous reading (401, 403). What is said in another way than by an
instance, in its JSON, is no fact: a parked domain answers 404 to everything.
"""

import re
from typing import ClassVar

import msgspec

from contracts.jobs import JobGranted, JobSubject
from services.collector.reading.network import Answer, Failure, Reader

_HOST = re.compile(r"[a-z0-9.\-]+(:\d{1,5})?")


class Problem(msgspec.Struct):
    """The body of an error: `error`, or RFC 7807."""

    detail: str = ""
    error: str = ""


class InstanceReader(Reader):
    """What networks of instances share.

    `missing` are the statuses that say of a post asked for by itself that it is no more.
    """

    reset_header = "x-ratelimit-reset"
    remaining_header = "x-ratelimit-remaining"
    missing: ClassVar[tuple[int, ...]] = (404, 410)

    def host(self, subject: JobSubject) -> str:
        """Return the instance of an account, as its handle has it, whatever it has."""
        return subject.handle.rpartition("@")[2].lower()

    def api(self, subject: JobSubject) -> str:
        """Return where its API is. Raises `ValueError` for a host that cannot be asked."""
        if not _HOST.fullmatch(self.host(subject)):
            raise ValueError(f"not an account of an instance: {subject.handle[:80]!r}")
        return f"https://{self.host(subject)}/api/v1"

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Let a missing post be read as one: it is no fact about the account."""
        failed, said = super().failure(job, answer), self.reason(answer)
        if failed is not None and failed.cause == "gone" and not said:
            return Failure("unavailable", f"{failed.detail}: not said by an instance")
        missing = job.operation == "readings" and answer.status in self.missing and said
        return None if missing else failed

    def reason(self, answer: Answer) -> str:
        """Return what the instance says."""
        try:
            problem = msgspec.json.decode(answer.body, type=Problem)
        except msgspec.DecodeError:
            return ""
        return problem.detail or problem.error
