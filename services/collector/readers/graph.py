"""Meta's Graph API, as Instagram and Facebook share it: errors, usage headers, the token.

Documentation: developers.facebook.com/docs/graph-api (errors, rate limits). Errors come mostly as
400; usage headers are percentages, and are absent while usage is low. Tokens go in `Authorization`,
never in an address.
"""

import re
from datetime import timedelta
from typing import ClassVar

import msgspec

from contracts.jobs import JobGranted
from contracts.networks import Network
from services.collector.parsing.lenient import told
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    FailureCause,
    Reader,
    Request,
)

VERSION = "v25.0"
HOST = f"https://graph.facebook.com/{VERSION}/"
THROTTLED_WAIT = timedelta(minutes=10)
"""Our choice where the API does not say: going on calling while throttled prolongs it."""

_CAUSES: dict[int, FailureCause] = {
    1: "unavailable", 2: "unavailable",
    4: "rate_limited", 17: "rate_limited", 32: "rate_limited", 613: "rate_limited",
    80001: "rate_limited", 80002: "rate_limited", 80006: "rate_limited",
    102: "credential", 104: "credential", 190: "credential", 368: "credential",
    21: "gone", 24: "gone", 110: "gone", 803: "gone",
    10: "refused",
}  # fmt: skip
MIGRATED = 21
"""« Page ID … was migrated to page ID … »."""
_PERMISSION = re.compile(r"reviewable feature|Public (Content|Metadata) Access|reviewed", re.I)
_ABSENT = re.compile(r"does not exist|invalid user|cannot be found", re.I)
_UNSEEN = re.compile(r"missing permissions", re.I)
"""« Does not exist, or cannot be loaded due to missing permissions »: it does not know which."""


class GraphError(msgspec.Struct):
    """What an error says."""

    message: str = ""
    code: int = 0
    error_subcode: int | None = None
    is_transient: bool = False


class GraphErrorBody(msgspec.Struct):
    """The body of an error."""

    error: GraphError


class AppUsage(msgspec.Struct):
    """`X-App-Usage`: percentages of the limit, throttled at 100 of any."""

    call_count: float = 0
    total_time: float = 0
    total_cputime: float = 0


class BusinessUsage(AppUsage):
    """A line of `X-Business-Use-Case-Usage`; the time to wait is in minutes."""

    estimated_time_to_regain_access: float = 0


class Cursors(msgspec.Struct):
    """Where pages begin and end."""

    after: str | None = None


class Paging(msgspec.Struct):
    """How to go on; `next` holds the token and is not kept."""

    cursors: Cursors | None = None
    next: str | None = None


class GraphReader(Reader):
    """What Instagram and Facebook share."""

    network: ClassVar[Network]

    def ask(
        self, path: str, params: tuple[tuple[str, str], ...], credential: Credential | None
    ) -> Request:
        """Return a request to the Graph API."""
        token = token_of(credential)
        headers = (("Authorization", f"Bearer {token}"),) if token else ()
        return Request(f"{HOST}{path}", params, secret_headers=headers)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Sort by the error's code; `is_transient` wins over an unknown one."""
        error = error_of(answer)
        if error is None:
            return super().failure(job, answer)
        detail = f"HTTP {answer.status}: {error.code}: {error.message}"
        cause = cause_of(error)
        if is_unseen(error) and len(job.subjects) == 1:
            return Failure("refused", detail)
        if cause != "rate_limited":
            return Failure(cause, detail, absence="moved" if error.code == MIGRATED else None)
        wait = timedelta(minutes=_regain_minutes(answer)) or THROTTLED_WAIT
        return Failure(cause, detail, self.retry_at(answer) or answer.moment + wait)

    def quota_left(self, answer: Answer) -> int | None:
        """Return what the usage headers leave of the quota, in calls."""
        used = max(
            (max(use.call_count, use.total_time, use.total_cputime) for use in _usages(answer)),
            default=None,
        )
        if used is None:
            return None
        allowed = max(quota.requests for quota in self.network.quotas.values())
        return max(0, int(allowed * (100 - used) / 100))


def cause_of(error: GraphError) -> FailureCause:
    """Return what an error asks us to do (Graph API, « Handling errors »)."""
    if error.code in _CAUSES:
        return _CAUSES[error.code]
    if 200 <= error.code < 300:
        return "refused"
    if error.is_transient:
        return "unavailable"
    if error.code == 100 and not _PERMISSION.search(error.message):
        return "gone" if _ABSENT.search(error.message) else "refused"
    return "refused"


def is_unseen(error: GraphError) -> bool:
    """Tell whether an error leaves open if the thing exists, or if we may only not see it."""
    return error.code == 100 and bool(_UNSEEN.search(error.message))


def error_of(answer: Answer) -> GraphError | None:
    """Return the error of an answer, which may come with any status, or None."""
    body = told(answer.body, GraphErrorBody)
    return body.error if body else None


def token_of(credential: Credential | None) -> str:
    """Return the token of a credential written `account-id:token`, or of one that is a token."""
    token = credential.token if credential else ""
    account, _, rest = token.partition(":")
    return rest if rest and account.isdigit() else token


def account_of(credential: Credential | None) -> str:
    """Return the account that asks: the number before the token's colon, else `me`."""
    account, _, rest = (credential.token if credential else "").partition(":")
    return account if rest and account.isdigit() else "me"


def _usages(answer: Answer) -> list[AppUsage]:
    names = ("x-app-usage", "x-page-usage")
    usages = (told(answer.headers.get(name, ""), AppUsage) for name in names)
    return [use for use in usages if use] + list(_business(answer))


def _business(answer: Answer) -> list[BusinessUsage]:
    text = answer.headers.get("x-business-use-case-usage", "")
    lines = told(text, dict[str, list[BusinessUsage]]) or {}
    return [use for uses in lines.values() for use in uses]


def _regain_minutes(answer: Answer) -> float:
    return max((use.estimated_time_to_regain_access for use in _business(answer)), default=0)
