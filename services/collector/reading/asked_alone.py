"""Networks where a missing post is asked for by itself: which answers say that it is deleted."""

from typing import ClassVar

from contracts.jobs import JobGranted
from services.collector.reading.network import Answer, Failure, Reader


class AskedAloneReader(Reader):
    """What these networks share.

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
