"""Facebook pages, with Page Public Content Access (developers.facebook.com).

- `followers_count` is asked for; where it is absent it is null, `not_asked`: `fan_count` is another
  counter (kept as `likes`), never a substitute.
- `shares` is absent when there is none: 0, provided that the other counters were given.
- 50 ids a call, each counted as a call; one that does not exist fails the whole call, so names are
  asked for one by one until their id is known, and pages of a call that failed too.
- « Does not exist, or cannot be loaded due to missing permissions » says neither: a page is
  refused; a missing post is deleted when the page's own list of that hour is given without it.
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.facebook import NETWORK as FACEBOOK
from contracts.posts import PostKind
from services.collector.parsing.lenient import decode_each
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.graph import GraphReader, Paging, error_of, is_unseen
from services.collector.readers.reader import Answer, Credential, Failure, Parsed, Request

PAGE = "id,name,username,link,fan_count,followers_count"
POST = (
    "id,message,created_time,permalink_url,status_type,shares,"
    "attachments{media_type},"
    "reactions.summary(total_count).limit(0),"
    "comments.summary(total_count).limit(0).filter(stream)"
)
LARGEST_PAGE = 100
"""Posts of one answer."""

HOUR = 3600
KINDS: dict[str, PostKind] = {
    "photo": "photo", "album": "album", "video": "video", "video_inline": "video",
    "video_autoplay": "video", "share": "link", "link": "link", "event": "event",
    "added_photos": "photo", "added_video": "video", "shared_story": "link",
    "created_event": "event", "mobile_status_update": "text", "wall_post": "text",
}  # fmt: skip


class Page(msgspec.Struct):
    """A page."""

    id: str
    name: str | None = None
    username: str | None = None
    fan_count: int | None = None
    followers_count: int | None = None


class Count(msgspec.Struct):
    """`shares`."""

    count: int


class Total(msgspec.Struct):
    """The summary of an edge."""

    total_count: int | None = None


class Edge(msgspec.Struct):
    """Reactions or comments, of which only the total was asked for.

    Answers by ids were seen with a bare `count` instead of a summary (recorded in 2021).
    """

    summary: Total | None = None
    count: int | None = None


class Attachment(msgspec.Struct):
    """What a post shows beside its text."""

    media_type: str = ""


class Attachments(msgspec.Struct):
    """The attachments of a post."""

    data: list[Attachment] = []


class Post(msgspec.Struct):
    """A post of a page."""

    id: str
    created_time: str | None = None
    message: str | None = None
    permalink_url: str | None = None
    status_type: str = ""
    shares: Count | None = None
    reactions: Edge | None = None
    comments: Edge | None = None
    attachments: Attachments | None = None


class PostPage(msgspec.Struct):
    """A page of posts."""

    data: list[Post]
    paging: Paging | None = None


class Facebook(GraphReader):
    """Pages of others."""

    network: ClassVar[Network] = FACEBOOK

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job; several objects at once where it has several."""
        subject = job.subjects[0]
        if job.operation == "readings" and job.confirm:
            published = int(subject.posts[0].published_at.timestamp())
            hour = (("since", str(published - HOUR)), ("until", str(published + HOUR)))
            asked = (("fields", POST), ("limit", str(LARGEST_PAGE)), *hour)
            return self.ask(f"{_named(subject)}/posts", asked, credential)
        if job.operation == "readings":
            ids = [post.native_id for subject in job.subjects for post in subject.posts]
            return self.ask("", (("ids", ",".join(ids)), ("fields", POST)), credential)
        several = len(job.subjects) > 1
        if job.operation == "profile" and several:
            ids = [_named(subject) for subject in job.subjects]
            return self.ask("", (("ids", ",".join(ids)), ("fields", PAGE)), credential)
        if job.operation == "profile":
            return self.ask(_named(subject), (("fields", PAGE),), credential)
        params: list[tuple[str, str]] = [("fields", POST), ("limit", str(FACEBOOK.page_size))]
        if job.since is not None:
            params.append(("since", str(int(job.since.timestamp()))))
        if job.cursor:
            params.append(("after", job.cursor))
        return self.ask(f"{_named(subject)}/posts", tuple(params), credential)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Let known posts that are no more be read as such: it is no fact about the page."""
        failed = super().failure(job, answer)
        if job.operation == "readings" and failed is not None:
            error = error_of(answer)
            if failed.cause == "gone" or (error is not None and is_unseen(error)):
                return None
        return failed

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read pages, a page of posts, or known posts."""
        found = Findings(FACEBOOK, job, answer)
        cursor: str | None = None
        if job.operation == "profile":
            _read_pages(job, answer, found)
        elif job.operation == "readings":
            _read_posts(job, answer, found)
        else:
            cursor = _read_page_of_posts(job, found.read(PostPage), found)
        return found.parsed(next_cursor=cursor)


READER = Facebook


def _named(subject: JobSubject) -> str:
    name = subject.native_id or subject.handle
    if not name or any(sign in name for sign in "/?#,&"):
        raise ValueError(f"not a Facebook name: {name[:60]!r}")
    return name


def _read_pages(job: JobGranted, answer: Answer, found: Findings) -> None:
    if len(job.subjects) == 1:
        _add_page(job.subjects[0], found.read(Page), found)
        return
    pages = decode_each(answer.body, Page, found.skipped)
    for subject in job.subjects:
        page = pages.get(_named(subject))
        if page is None:
            found.left_out(subject, "left out of the answer")
        else:
            _add_page(subject, page, found)


def _add_page(subject: JobSubject, page: Page, found: Findings) -> None:
    if not found.identify(subject, page.id, page.username):
        return
    found.account(
        subject,
        native_id=page.id,
        handle=page.username,
        name=page.name,
        counters={"followers": page.followers_count, "likes": page.fan_count},
    )


def _read_page_of_posts(job: JobGranted, page: PostPage, found: Findings) -> str | None:
    subject = job.subjects[0]
    for post in page.data:
        _add(subject, post, found)
    paging = page.paging
    # An answer without `next` is the last one, although it may give a cursor.
    if not found.dates or paging is None or paging.next is None or paging.cursors is None:
        return None
    return None if found.far_enough() else paging.cursors.after


def _read_posts(job: JobGranted, answer: Answer, found: Findings) -> None:
    error = error_of(answer)
    posts: dict[str, Post] = {}
    if error is None and job.confirm:
        posts = {post.id: post for post in found.read(PostPage).data}
    elif error is None:
        posts = decode_each(answer.body, Post, found.skipped)
    elif job.confirm:
        return
    for subject, known, post in found.again(posts):
        _add(subject, post, found, known.published_at)


def _add(subject: JobSubject, post: Post, found: Findings, known: datetime | None = None) -> None:
    if (moment := found.moment(post.id, post.created_time, known)) is None:
        return
    found.post(
        subject,
        native_id=post.id,
        address=post.permalink_url,
        kind=_kind(post),
        published_at=moment,
        counters={
            "likes": _total(post.reactions),
            "comments": _total(post.comments),
            "shares": _shares(post),
        },
        absent="not_permitted",
        text=tidy(post.message or ""),
    )


def _shares(post: Post) -> int | None:
    if post.shares is not None:
        return post.shares.count
    return 0 if _total(post.reactions) is not None else None


def _total(edge: Edge | None) -> int | None:
    if edge is None:
        return None
    return edge.summary.total_count if edge.summary else edge.count


def _kind(post: Post) -> PostKind:
    attached = (
        post.attachments.data[0].media_type if post.attachments and post.attachments.data else ""
    )
    return KINDS.get(attached) or KINDS.get(post.status_type) or ("other" if attached else "text")
