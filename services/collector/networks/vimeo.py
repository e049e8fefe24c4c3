"""Vimeo: the API with the token of an application, for what all may see (developer.vimeo.com).

- Made from documentation: of real answers only an account is recorded. `fields` is always sent: it
  raises the limit.
- An account is asked by its number, which it keeps when it takes another name; its name is the end
  of its link.
- `stats.plays` is null when the owner hides it; a video has no connection of comments when they are
  closed.
- Videos come by pages, newest first; one that is missing is asked for by itself: not found says
  that it is deleted, forbidden that it is private now.
"""

from typing import ClassVar
from urllib.parse import quote

import msgspec

from contracts.addresses.hosts import parts_of
from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.vimeo import NETWORK as VIMEO
from services.collector.parsing.lenient import told
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.pages import PagesReader
from services.collector.readers.reader import (
    Answer,
    Credential,
    Parsed,
    Request,
)

API = "https://api.vimeo.com"
ACCEPT = "application/vnd.vimeo.*+json;version=3.4"
TOTALS = "metadata.connections.{}.total"
USER = ",".join(("uri", "name", "link", *map(TOTALS.format, ("followers", "following", "videos"))))
VIDEO = ",".join(
    (
        "uri", "name", "description", "link", "language", "created_time", "release_time",
        "user.uri", "privacy.view", "stats.plays", *map(TOTALS.format, ("likes", "comments")),
    )
)  # fmt: skip
PUBLIC = "anybody"


class Total(msgspec.Struct):
    """How many there are behind a connection."""

    total: int | None = None


class Connections(msgspec.Struct):
    """What an account or a video is connected to; null where it may have none."""

    followers: Total | None = None
    following: Total | None = None
    videos: Total | None = None
    likes: Total | None = None
    comments: Total | None = None


class Metadata(msgspec.Struct):
    """What is told beside a thing."""

    connections: Connections | None = None


class Statistics(msgspec.Struct):
    """Plays; null when the owner hides them."""

    plays: int | None = None


class Privacy(msgspec.Struct):
    """Who may see a video."""

    view: str = PUBLIC


class User(msgspec.Struct):
    """An account, alone or beside a video."""

    uri: str
    name: str | None = None
    link: str | None = None
    metadata: Metadata | None = None


class Video(msgspec.Struct):
    """A video, on a page or alone."""

    uri: str
    created_time: str | None
    name: str | None = None
    description: str | None = None
    link: str | None = None
    language: str | None = None
    release_time: str | None = None
    user: User | None = None
    privacy: Privacy | None = None
    stats: Statistics | None = None
    metadata: Metadata | None = None


class Paging(msgspec.Struct):
    """Where the next page is."""

    next: str | None = None


class Page(msgspec.Struct):
    """A page of videos."""

    data: list[Video]
    paging: Paging | None = None


class Problem(msgspec.Struct):
    """The body of an error."""

    error: str
    error_code: int | None = None
    developer_message: str = ""


class Vimeo(PagesReader):
    """Accounts and their videos."""

    network: ClassVar[Network] = VIMEO
    reset_header = "x-ratelimit-reset"
    remaining_header = "x-ratelimit-remaining"

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job."""
        subject = job.subjects[0]
        account = f"/users/{quote(subject.native_id or subject.handle, safe='')}"
        if job.operation == "profile":
            return _ask(account, USER, credential)
        if job.operation == "readings":
            native = quote(subject.posts[0].native_id, safe="")
            return _ask(f"/videos/{native}", VIDEO, credential)
        paging = (
            ("per_page", str(VIMEO.page_size)),
            ("page", job.cursor or "1"),
            ("sort", "date"),
            ("direction", "desc"),
        )
        return _ask(f"{account}/videos", VIDEO, credential, *paging)

    def said(self, answer: Answer) -> bool:
        """Tell whether the API says it, in whatever words."""
        return told(answer.body, Problem) is not None

    def reason(self, answer: Answer) -> str:
        """Return what the API says."""
        said = told(answer.body, Problem)
        return f"{said.error_code or ''} {said.error}".strip() if said else ""

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, a page of its videos, or one video."""
        return self.by_operation(
            job, answer, (User, _add_account), (Page, _read_page), (Video, _add_video)
        )


READER = Vimeo


def _ask(
    path: str, fields: str, credential: Credential | None, *params: tuple[str, str]
) -> Request:
    token = credential.token if credential else ""
    return Request(
        f"{API}{path}",
        (("fields", fields), *params),
        headers=(("Accept", ACCEPT),),
        secret_headers=(("Authorization", f"bearer {token}"),),
    )


def number_of(uri: str) -> str:
    """Return the id in an address of the API (« /videos/123 », « /videos/123:secret »)."""
    return uri.rpartition("/")[2].partition(":")[0]


def _connections(metadata: Metadata | None) -> Connections:
    return (metadata and metadata.connections) or Connections()


def _count(connection: Total | None) -> int | None:
    return connection.total if connection else None


def _add_account(subject: JobSubject, user: User, found: Findings) -> None:
    native, about = number_of(user.uri), _connections(user.metadata)
    handle = parts_of(user.link).path.strip("/").lower() if user.link else None
    if not found.identify(subject, native, handle):
        return
    found.account(
        subject,
        native_id=native,
        handle=handle,
        name=user.name,
        counters={
            "followers": _count(about.followers),
            "following": _count(about.following),
            "posts": _count(about.videos),
        },
        absent="hidden",
    )


def _read_page(job: JobGranted, page: Page, found: Findings) -> str | None:
    subject = job.subjects[0]
    for video in page.data:
        _add_video(subject, video, found)
    more = page.paging is not None and page.paging.next is not None
    if not found.end_page(subject) or not more:
        return None
    return str((int(job.cursor) if job.cursor and job.cursor.isdigit() else 1) + 1)


def _add_video(subject: JobSubject, video: Video, found: Findings) -> None:
    native = number_of(video.uri)
    if (moment := found.moment(native, video.release_time or video.created_time)) is None:
        return
    if not found.is_own(subject.native_id, number_of(video.user.uri) if video.user else None):
        return
    if video.privacy is not None and video.privacy.view != PUBLIC:
        found.skipped["not public"] += 1
        return
    about = _connections(video.metadata)
    found.post(
        subject,
        native_id=native,
        address=video.link or f"https://vimeo.com/{native}",
        kind="video",
        published_at=moment,
        counters={
            "likes": _count(about.likes),
            "comments": _count(about.comments),
            "views": video.stats.plays if video.stats else None,
        },
        absent="hidden",
        text=tidy(f"{video.name or ''}\n{video.description or ''}"),
        language=video.language,
    )
