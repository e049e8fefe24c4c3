"""Threads by Profile Discovery: public profiles above a floor, and their posts (section 5).

- Made from documentation: nothing of it is recorded.
- An account is asked by its name alone; no answer has its id. Refused by name are accounts below
  the floor, private, renamed or closed ones: nothing tells which, so that none is said gone.
- Counters of posts are insights of their owner: null, not permitted. Posts are not read again.
- Likes, replies… of a profile are totals of seven days: they are not asked.
- Whose owner connected it is asked by the owner's token, however small: `me`. Its followers are an
  insight of the owner's; its posts are the same, with counters that we could ask for one by one
  and do not: null, not asked.
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.jobs import JobGranted, account_of_owner
from contracts.networks import Network
from contracts.networks.threads import NETWORK as THREADS
from contracts.posts import PostKind
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.graph import GraphReader, Paging, token_of
from services.collector.readers.reader import Answer, Credential, Failure, Parsed, Request

HOST = "https://graph.threads.net/v1.0/"
PROFILE = "username,name,follower_count"
POST = "id,text,permalink,timestamp,media_type,username,is_quote_post,topic_tag"
FOLLOWERS = "followers_count"
REPOST = "REPOST_FACADE"
KINDS: dict[str, PostKind] = {
    "TEXT_POST": "text", "IMAGE": "photo", "VIDEO": "video", "CAROUSEL_ALBUM": "album",
}  # fmt: skip


class Profile(msgspec.Struct):
    """An account; its id is not told."""

    username: str
    name: str | None = None
    follower_count: int | None = None


class Total(msgspec.Struct):
    """The value of an insight."""

    value: int


class Insight(msgspec.Struct):
    """A figure that an owner is shown of her own profile."""

    name: str
    total_value: Total | None = None


class Insights(msgspec.Struct):
    """What an owner is shown."""

    data: list[Insight]


class Post(msgspec.Struct):
    """A post."""

    id: str
    timestamp: str | None = None
    text: str | None = None
    permalink: str | None = None
    media_type: str = ""
    username: str | None = None
    topic_tag: str | None = None


class Page(msgspec.Struct):
    """A page of posts."""

    data: list[Post]
    paging: Paging | None = None


class Threads(GraphReader):
    """Profile Discovery."""

    network: ClassVar[Network] = THREADS
    optional_fields = frozenset({*PROFILE.split(","), *POST.split(",")} - {"username", "id"})

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the look-up of a profile, or a page of its posts; by its owner, of her own."""
        own = account_of_owner(job.bucket) is not None
        params = () if own else (("username", job.subjects[0].handle.removeprefix("@")),)
        if job.operation == "profile" and own:
            return self.ask("me/threads_insights", (("metric", FOLLOWERS),), credential)
        if job.operation == "profile":
            return self.ask("profile_lookup", (*params, ("fields", PROFILE)), credential)
        params += (("fields", POST), ("limit", str(THREADS.page_size)))
        if job.cursor:
            params += (("after", job.cursor),)
        return self.ask("me/threads" if own else "profile_posts", params, credential)

    def ask(
        self, path: str, params: tuple[tuple[str, str], ...], credential: Credential | None
    ) -> Request:
        """Return a request to the API of Threads, which has a host of its own."""
        headers = (("Authorization", f"Bearer {token_of(credential)}"),)
        return Request(f"{HOST}{path}", params, secret_headers=headers)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Say of nobody that it is gone: a profile that is not shown may be too small."""
        failed = super().failure(job, answer)
        if failed is not None and failed.cause == "gone":
            return Failure("refused", failed.detail)
        return failed

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read a profile, or a page of posts."""
        found = Findings(THREADS, job, answer)
        subject = job.subjects[0]
        if job.operation == "profile":
            profile = _profile(job, found)
            found.account(
                subject,
                native_id=None,
                handle=profile.username.lower(),
                name=profile.name,
                counters={"followers": profile.follower_count},
                absent="hidden",
            )
            return found.parsed()
        page = found.read(Page)
        moments = [moment for post in page.data if (moment := _add(job, post, found))]
        cursors = page.paging.cursors if page.paging else None
        if cursors is None or not moments or found.far_enough(moments):
            return found.parsed()
        return found.parsed(next_cursor=cursors.after)


READER = Threads


def _profile(job: JobGranted, found: Findings) -> Profile:
    """Return what is told of a profile; its owner is told no name, which is the one asked for."""
    if account_of_owner(job.bucket) is None:
        return found.read(Profile)
    totals = {one.name: one.total_value for one in found.read(Insights).data}
    followers = totals.get(FOLLOWERS)
    handle = job.subjects[0].handle.removeprefix("@")
    return Profile(handle, follower_count=followers.value if followers else None)


def _add(job: JobGranted, post: Post, found: Findings) -> datetime | None:
    if (moment := found.moment(post.id, post.timestamp)) is None:
        return None
    if post.media_type == REPOST:
        found.skipped["repost of somebody else's post"] += 1
        return moment
    subject = job.subjects[0]
    author = post.username and post.username.casefold()
    if not found.is_own(subject.handle.removeprefix("@").casefold(), author):
        return moment
    found.post(
        subject,
        native_id=post.id,
        address=post.permalink,
        kind=KINDS.get(post.media_type, "other"),
        published_at=moment,
        counters=dict.fromkeys(THREADS.post_counters),
        absent="not_permitted" if account_of_owner(job.bucket) is None else "not_asked",
        text=tidy(post.text or ""),
        tags=(post.topic_tag,) if post.topic_tag else (),
    )
    return moment
