"""TikTok by the Display API: an account by the token of its owner, and nobody else's.

- Made from documentation (developers.tiktok.com, Display API v2): nothing of it is recorded.
- No call names an account: the token does. A name that changes is learnt from the answer; `open_id`
  is of our application alone, so that it is no id to keep.
- Whatever is asked is answered with `error`, whose code is `ok` where all is well; what `fields`
  does not name is not given.
- Known videos are asked for by their ids, twenty at once: one that is not given is private or
  deleted, which is confirmed as for other networks.
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.tiktok import NETWORK as TIKTOK
from services.collector.parsing.lenient import told
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    FailureCause,
    Parsed,
    Reader,
    Request,
)

API = "https://open.tiktokapis.com/v2/"
ACCOUNT = ("username", "display_name", "follower_count", "following_count", "video_count")
VIDEO = (
    "id", "create_time", "share_url", "title", "video_description",
    "like_count", "comment_count", "share_count", "view_count",
)  # fmt: skip
OK = "ok"
CAUSES: dict[str, FailureCause] = {
    "access_token_invalid": "credential",
    "scope_not_authorized": "refused",
    "scope_permission_missed": "refused",
    "rate_limit_exceeded": "rate_limited",
    "internal_error": "unavailable",
}
"""What the codes of errors ask us to do, whatever their status."""


class Said(msgspec.Struct):
    """What stands beside every answer."""

    code: str = ""
    message: str = ""


class Body(msgspec.Struct):
    """The body of an error."""

    error: Said


class User(msgspec.Struct):
    """An account; a counter that the owner does not let us have is not there."""

    username: str
    display_name: str | None = None
    follower_count: int | None = None
    following_count: int | None = None
    video_count: int | None = None


class Found(msgspec.Struct):
    """The account of a token."""

    user: User


class About(msgspec.Struct):
    """The answer about an account."""

    data: Found


class Video(msgspec.Struct):
    """A video."""

    id: str
    create_time: int | None = None
    share_url: str | None = None
    title: str | None = None
    video_description: str | None = None
    like_count: int | None = None
    comment_count: int | None = None
    share_count: int | None = None
    view_count: int | None = None


class Videos(msgspec.Struct):
    """Some videos, and from where older ones are to be asked for: milliseconds of 1970."""

    videos: list[Video]
    cursor: int | None = None
    has_more: bool = False


class Page(msgspec.Struct):
    """The answer about videos."""

    data: Videos


class TikTok(Reader):
    """The account of an owner's token, and its videos."""

    network: ClassVar[Network] = TIKTOK
    optional_fields = frozenset({*ACCOUNT, *VIDEO} - {"username", "id", "create_time"})

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job."""
        if job.operation == "profile":
            return _ask("user/info/", ACCOUNT, credential)
        if job.operation == "readings":
            ids = [post.native_id for post in job.subjects[0].posts]
            return _ask("video/query/", VIDEO, credential, {"filters": {"video_ids": ids}})
        asked: dict[str, object] = {"max_count": TIKTOK.page_size}
        if job.cursor and job.cursor.isdigit():
            asked["cursor"] = int(job.cursor)
        return _ask("video/list/", VIDEO, credential, asked)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Tell by the code of an error what it asks for: an answer may be 200 and be one."""
        body = told(answer.body, Body)
        code = body.error.code if body else ""
        cause = CAUSES.get(code)
        if cause is not None:
            until = self.retry_at(answer) if cause in ("rate_limited", "unavailable") else None
            return Failure(cause, f"HTTP {answer.status}: {self.reason(answer)}", until)
        failed = super().failure(job, answer)
        if failed is None:
            return None if code in ("", OK) else Failure("refused", self.reason(answer))
        if answer.status == 401:
            return Failure("credential", failed.detail)
        # No address names an account: one that is not found says nothing of any.
        return Failure("refused", failed.detail) if failed.cause == "gone" else failed

    def reason(self, answer: Answer) -> str:
        """Return what the API says."""
        body = told(answer.body, Body)
        return f"{body.error.code} {body.error.message}".strip() if body else ""

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, a page of its videos, or the videos asked for."""
        found, subject = Findings(TIKTOK, job, answer), job.subjects[0]
        if job.operation == "profile":
            _add_account(subject, found.read(About).data.user, found)
            return found.parsed()
        page = found.read(Page).data
        if job.operation == "readings":
            given = {video.id: video for video in page.videos}
            for asked, known, video in found.again(given):
                _add(asked, video, found, known.published_at)
            return found.parsed()
        for video in page.videos:
            _add(subject, video, found)
        more = bool(found.dates) and not found.far_enough() and page.has_more
        return found.parsed(next_cursor=str(page.cursor) if more and page.cursor else None)


READER = TikTok


def _ask(
    path: str,
    fields: tuple[str, ...],
    credential: Credential | None,
    body: dict[str, object] | None = None,
) -> Request:
    token = credential.token if credential else ""
    return Request(
        f"{API}{path}",
        (("fields", ",".join(fields)),),
        headers=(("Content-Type", "application/json"),) if body else (),
        secret_headers=(("Authorization", f"Bearer {token}"),),
        method="POST" if body else "GET",
        body=msgspec.json.encode(body) if body else b"",
    )


def _add_account(subject: JobSubject, user: User, found: Findings) -> None:
    handle = user.username.lower()
    if handle != subject.handle.removeprefix("@").casefold():
        found.renamed[subject.subject] = handle
    found.account(
        subject,
        native_id=None,
        handle=handle,
        name=user.display_name,
        counters={
            "followers": user.follower_count,
            "following": user.following_count,
            "posts": user.video_count,
        },
        absent="not_permitted",
    )


def _add(subject: JobSubject, video: Video, found: Findings, known: datetime | None = None) -> None:
    if (moment := found.moment(video.id, video.create_time, known)) is None:
        return
    found.post(
        subject,
        native_id=video.id,
        address=video.share_url,
        kind="video",
        published_at=moment,
        counters={
            "likes": video.like_count,
            "comments": video.comment_count,
            "shares": video.share_count,
            "views": video.view_count,
        },
        absent="not_permitted",
        text=tidy(f"{video.title or ''}\n{video.video_description or ''}"),
    )
