"""Dailymotion: the Data API without a key, as before version 2 (developers.dailymotion.com).

- Made from documentation: nothing is recorded. Fields that are not asked for are left out, so each
  counter is asked for by name, and one that is refused is asked for no more.
- An account is asked by its id, which it keeps when it takes another name.
- Videos come by pages, newest first, with their counters; a list ends after 1,000 rows, the next
  one is asked for up to the date of the last. One that is missing is asked for by itself: not found
  says that it is deleted, forbidden that it is private now.
"""

from typing import ClassVar
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from contracts.accounts import AccountCounter
from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.dailymotion import NETWORK as DAILYMOTION
from contracts.posts import PostCounter
from services.collector.parsing.lenient import Given, given, told
from services.collector.parsing.text import tidy, without_markup
from services.collector.readers.findings import Findings
from services.collector.readers.pages import PagesReader
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    Parsed,
    Reader,
    Request,
)

API = "https://api.dailymotion.com/"
ACCOUNT = ("followers_total", "following_total", "videos_total", "views_total")
COUNTERS = ("likes_total", "views_total")
WORDS = ("description", "language", "owner", "url")
LONGEST_LIST = 1000
"""Rows that a list gives, whatever its page."""


class User(msgspec.Struct):
    """An account."""

    id: str
    username: str | None = None
    screenname: str | None = None
    followers_total: Given = UNSET
    following_total: Given = UNSET
    videos_total: Given = UNSET
    views_total: Given = UNSET


class Video(msgspec.Struct):
    """A video, on a page or alone; `owner` is the id of its account."""

    id: str
    created_time: int | None
    title: str = ""
    description: str | None = None
    language: str | None = None
    url: str | None = None
    owner: str | None = None
    likes_total: Given = UNSET
    views_total: Given = UNSET


class Page(msgspec.Struct):
    """A page of videos."""

    list: list[Video]
    has_more: bool = False


class Problem(msgspec.Struct):
    """What an error says: its type is a word of the API's own."""

    type: str = ""
    message: str = ""


class ProblemBody(msgspec.Struct):
    """The body of an error."""

    error: Problem


class Dailymotion(PagesReader):
    """Accounts and their videos."""

    network: ClassVar[Network] = DAILYMOTION
    optional_fields = frozenset({*ACCOUNT, *COUNTERS, *WORDS})

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job."""
        subject = job.subjects[0]
        account = f"{API}user/{quote(subject.native_id or subject.handle, safe='')}"
        if job.operation == "profile":
            return _ask(account, ("id", "username", "screenname", *ACCOUNT))
        video = ("id", "title", "created_time", *WORDS, *COUNTERS)
        if job.operation == "readings":
            return _ask(f"{API}video/{quote(subject.posts[0].native_id, safe='')}", video)
        page, before = _place(job.cursor)
        until = (("created_before", str(before)),) if before else ()
        size = str(DAILYMOTION.page_size)
        paging = (("sort", "recent"), ("limit", size), ("page", str(page)), *until)
        return _ask(f"{account}/videos", video, *paging)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Tell a limit of rate by its type, whatever its status."""
        said = _problem(answer)
        if said and "rate_limit" in said.type and (failed := Reader.failure(self, job, answer)):
            return Failure("rate_limited", failed.detail, self.retry_at(answer))
        return super().failure(job, answer)

    def reason(self, answer: Answer) -> str:
        """Return what the API says."""
        said = _problem(answer)
        return f"{said.type}: {said.message}" if said else ""

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, a page of its videos, or one video."""
        return self.by_operation(
            job, answer, (User, _add_account), (Page, _read_page), (Video, _add_video)
        )


READER = Dailymotion


def _ask(url: str, fields: tuple[str, ...], *params: tuple[str, str]) -> Request:
    # The family filter is on unless it is said; what it takes out would look deleted.
    return Request(url, (("fields", ",".join(fields)), ("family_filter", "false"), *params))


def _place(cursor: str | None) -> tuple[int, int]:
    """Return the page of a cursor, and up to which second its list goes (0: now)."""
    page, _, before = (cursor or "1").partition(":")
    return int(page) if page.isdigit() else 1, int(before) if before.isdigit() else 0


def _problem(answer: Answer) -> Problem | None:
    body = told(answer.body, ProblemBody)
    return body.error if body else None


def _add_account(subject: JobSubject, user: User, found: Findings) -> None:
    handle = user.username.lower() if user.username else None
    if not found.identify(subject, user.id, handle):
        return
    asked: dict[AccountCounter, Given] = {
        "followers": user.followers_total,
        "following": user.following_total,
        "posts": user.videos_total,
        "views": user.views_total,
    }
    counters, absent = given(asked)
    found.account(
        subject,
        native_id=user.id,
        handle=handle,
        name=user.screenname,
        counters=counters,
        absent=absent,
    )


def _read_page(job: JobGranted, page: Page, found: Findings) -> str | None:
    subject = job.subjects[0]
    for video in page.list:
        _add_video(subject, video, found)
    if not found.end_page(subject) or not page.has_more:
        return None
    number, before = _place(job.cursor)
    if number * DAILYMOTION.page_size >= LONGEST_LIST:
        number, before = 0, int(min(found.dates.values()).timestamp()) + 1
    return f"{number + 1}:{before}" if before else str(number + 1)


def _add_video(subject: JobSubject, video: Video, found: Findings) -> None:
    if (moment := found.moment(video.id, video.created_time)) is None:
        return
    if not found.is_own(subject.native_id, video.owner):
        return
    asked: dict[PostCounter, Given] = {"likes": video.likes_total, "views": video.views_total}
    counters, absent = given(asked)
    found.post(
        subject,
        native_id=video.id,
        address=video.url or f"https://www.dailymotion.com/video/{video.id}",
        kind="video",
        published_at=moment,
        counters=counters,
        absent=absent,
        text=tidy(f"{video.title}\n{without_markup(video.description or '')}"),
        language=video.language,
    )
