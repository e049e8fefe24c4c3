"""Networks whose posts come by pages; one that is missing there is asked for by itself."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from contracts.jobs import JobGranted, JobSubject
from services.collector.readers.findings import Findings
from services.collector.readers.reader import Answer, Failure, Parsed, Reader

A = TypeVar("A")
P = TypeVar("P")
T = TypeVar("T")


class PagesReader(Reader):
    """What these networks share: an operation for accounts, one for pages, one for a post alone.

    `missing` are the statuses that say of a post asked for by itself that it is no more; `speaker`
    is who must say it: a server that says nothing, as a parked domain, is no fact.
    """

    missing: ClassVar[tuple[int, ...]] = (403, 404, 410)
    speaker: ClassVar[str] = "the API"

    def said(self, answer: Answer) -> bool:
        """Tell whether an error is said by who may say it."""
        return bool(self.reason(answer))

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Let a missing post be read as one: it is no fact about the account."""
        failed, said = super().failure(job, answer), self.said(answer)
        if failed is not None and failed.cause == "gone" and not said:
            return Failure("unavailable", f"{failed.detail}: not said by {self.speaker}")
        missing = job.operation == "readings" and answer.status in self.missing and said
        return None if missing else failed

    def withheld(self, answer: Answer) -> bool:
        """Tell whether an answer about a post asked for by itself is that it is no more."""
        return answer.status >= 400

    def by_operation(
        self,
        job: JobGranted,
        answer: Answer,
        account: tuple[type[A], Callable[[JobSubject, A, Findings], object]],
        page: tuple[type[P], Callable[[JobGranted, P, Findings], str | None]],
        post: tuple[type[T], Callable[[JobSubject, T, Findings], object]],
    ) -> Parsed:
        """Read an answer as what was asked for: its form, and what adds it to what was found.

        A page returns the cursor of the next one, None at the end.
        """
        found = Findings(self.network, job, answer)
        subject, cursor = job.subjects[0], None
        if job.operation == "profile":
            account[1](subject, found.read(account[0]), found)
        elif job.operation == "posts":
            cursor = page[1](job, found.read(page[0]), found)
        elif self.withheld(answer):
            found.not_given(subject, tuple(known.native_id for known in subject.posts))
        else:
            post[1](subject, found.read(post[0]), found)
        return found.parsed(next_cursor=cursor)
