"""PeerTube: the instance of the channel is asked (docs.joinpeertube.org).

- A handle is "name@host" for a channel, "a/name@host" for an account, whose videos are those of all
  its channels. A channel that another instance shows is asked at home: what it says of its own
  host is followed.
- Videos come by pages, newest first, with their counters; known ones are read again on them. One
  that is missing there is asked for by itself: 404 says that it is deleted, 401 or 403 that it is
  private now.
- `comments` is absent from the pages of older versions. Descriptions are Markdown, cut at 250 signs
  on pages: the cut one is taken everywhere.
"""

from typing import ClassVar
from urllib.parse import quote

import msgspec

from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.peertube import NETWORK as PEERTUBE
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.instance import InstanceReader
from services.collector.readers.reader import Answer, Credential, Parsed, Request

_ACCOUNT = "a/"
PUBLIC = 1
"""The privacy of a video that everybody may see."""


class Actor(msgspec.Struct):
    """A channel or an account, alone or beside a video."""

    id: int
    name: str
    host: str
    displayName: str | None = None  # noqa: N815
    followersCount: int | None = None  # noqa: N815


class Coded(msgspec.Struct):
    """A privacy or a language; null where a video says none."""

    id: int | str | None = None


class Video(msgspec.Struct):
    """A video, on a page or alone."""

    uuid: str
    publishedAt: str | None  # noqa: N815
    channel: Actor
    account: Actor
    name: str = ""
    url: str | None = None
    truncatedDescription: str | None = None  # noqa: N815
    privacy: Coded | None = None
    language: Coded | None = None
    likes: int | None = None
    comments: int | None = None
    views: int | None = None


class Page(msgspec.Struct):
    """A page of videos, and how many there are in all."""

    data: list[Video]
    total: int | None = None


class Peertube(InstanceReader):
    """Any instance."""

    network: ClassVar[Network] = PEERTUBE
    missing = (401, 403, 404, 410)

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job. Raises `ValueError` for a handle whose host cannot be asked."""
        subject = job.subjects[0]
        api = self.api(subject)
        if job.operation == "readings":
            return Request(f"{api}/videos/{quote(subject.posts[0].native_id, safe='')}")
        kind = "accounts" if subject.handle.startswith(_ACCOUNT) else "video-channels"
        name = subject.handle.removeprefix(_ACCOUNT).rpartition("@")[0]
        actor = f"{api}/{kind}/{quote(name, safe='')}"
        if job.operation == "profile":
            return Request(actor)
        params = (
            ("start", job.cursor or "0"),
            ("count", str(PEERTUBE.page_size)),
            ("sort", "-publishedAt"),
        )
        return Request(f"{actor}/videos", params)

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read a channel or an account, a page of its videos, or one video."""
        return self.by_operation(
            job, answer, (Actor, _add_account), (Page, _read_page), (Video, _add_video)
        )


READER = Peertube


def _add_account(subject: JobSubject, actor: Actor, found: Findings) -> None:
    prefix = _ACCOUNT if subject.handle.startswith(_ACCOUNT) else ""
    handle = f"{prefix}{actor.name}@{actor.host}".lower()
    if not found.identify(subject, str(actor.id), handle):
        return
    found.account(
        subject,
        native_id=str(actor.id),
        handle=handle,
        name=actor.displayName,
        counters={"followers": actor.followersCount},
        absent="not_published",
    )


def _read_page(job: JobGranted, page: Page, found: Findings) -> str | None:
    subject = job.subjects[0]
    for video in page.data:
        _add_video(subject, video, found)
    cursor = job.cursor or "0"
    end = (int(cursor) if cursor.isdigit() else 0) + len(page.data)
    last = page.total is not None and end >= page.total
    return str(end) if found.end_page(subject) and not last else None


def _add_video(subject: JobSubject, video: Video, found: Findings) -> None:
    if (moment := found.moment(video.uuid, video.publishedAt)) is None:
        return
    owned = subject.handle.startswith(_ACCOUNT)
    author = video.account if owned else video.channel
    name = subject.handle.removeprefix(_ACCOUNT).rpartition("@")[0]
    if not found.is_own(name.casefold(), author.name.casefold()):
        return
    if video.privacy is not None and video.privacy.id not in (PUBLIC, None):
        found.skipped["not public"] += 1
        return
    language = video.language.id if video.language is not None else None
    found.post(
        subject,
        native_id=video.uuid,
        address=video.url,
        kind="video",
        published_at=moment,
        counters={"likes": video.likes, "comments": video.comments, "views": video.views},
        absent="not_published",
        text=tidy(f"{video.name}\n{video.truncatedDescription or ''}"),
        language=str(language) if language else None,
    )
