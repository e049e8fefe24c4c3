"""Bluesky: the public AppView, without a key (docs.bsky.app).

- 25 actors and 25 posts a call; who is unknown is left out of the answer. One that was is asked by
  itself (`getProfile`), where the AppView says why: deactivated, taken down, suspended, not found.
- Errors are 400 with a name; the AppView publishes no quota, a PDS gives `RateLimit-*`.
- `createdAt` is the client's word: `indexedAt` is preferred when it is earlier, or a day later.
- One actor that it refuses fails the whole call: its members are then asked one by one.
- The label `!no-unauthenticated` forbids display: such posts are counted, their texts not kept.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

import msgspec

from contracts.jobs import Absence, JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.bluesky import NETWORK as BLUESKY
from contracts.posts import PostKind
from services.collector.parsing.dates import read_iso
from services.collector.parsing.lenient import told
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    Parsed,
    Present,
    Reader,
    Request,
)

XRPC = "https://public.api.bsky.app/xrpc/"
GONE: Mapping[str, Absence] = {
    "AccountTakedown": "taken_down", "AccountDeactivated": "hidden",
    "AccountNotFound": "not_found", "ActorNotFound": "not_found",
}  # fmt: skip
"""Named errors of the AppView; a suspension is a take-down that says so in its words."""

HIDDEN_LABEL = "!no-unauthenticated"


class Label(msgspec.Struct):
    """A label that an author or a moderator has put."""

    val: str
    neg: bool = False


class Actor(msgspec.Struct, rename="camel"):
    """An account, with its counters where the call gives them."""

    did: str
    handle: str
    display_name: str | None = None
    followers_count: int | None = None
    follows_count: int | None = None
    posts_count: int | None = None
    labels: list[Label] = []

    def is_of(self, subject: JobSubject) -> bool:
        """Tell whether this is the account of a subject, by its DID, else by its handle."""
        return _actor(subject).casefold() in (self.did.casefold(), self.handle.casefold())


class Embed(msgspec.Struct):
    """What a post shows beside its text."""

    type: str = msgspec.field(name="$type", default="")
    images: list[Present] = []


class Feature(msgspec.Struct):
    """What a part of a text is: a link, somebody named, a hashtag."""

    tag: str | None = None


class Facet(msgspec.Struct):
    """A part of a text that is more than text."""

    features: list[Feature] = []


class PostRecord(msgspec.Struct, rename="camel"):
    """A post as its author wrote it."""

    text: str = ""
    created_at: str | None = None
    langs: list[str] | None = None
    reply: Present | None = None
    embed: Embed | None = None
    facets: list[Facet] = []
    tags: list[str] = []

    @property
    def hashtags(self) -> tuple[str, ...]:
        """Return the hashtags that its author's client marked, and those beside the text."""
        marked = (feature.tag for facet in self.facets for feature in facet.features)
        return tuple(tag for tag in (*marked, *self.tags) if tag)

    @property
    def language(self) -> str | None:
        """Return the first language that it names."""
        return self.langs[0] if self.langs else None


class PostView(msgspec.Struct, rename="camel"):
    """A post as the AppView shows it."""

    uri: str
    author: Actor
    record: PostRecord
    indexed_at: str | None
    like_count: int | None = None
    repost_count: int | None = None
    reply_count: int | None = None
    quote_count: int | None = None
    labels: list[Label] = []


class Reason(msgspec.Struct, rename="camel"):
    """Why an item is in an author's feed: a repost, or pinned."""

    type: str = msgspec.field(name="$type")
    indexed_at: str | None = None


class FeedItem(msgspec.Struct):
    """A line of an author's feed."""

    post: PostView
    reason: Reason | None = None


class AuthorFeed(msgspec.Struct):
    """A page of an author's feed."""

    feed: list[FeedItem]
    cursor: str | None = None


class Profiles(msgspec.Struct):
    """The answer of `getProfiles`."""

    profiles: list[Actor]


class Posts(msgspec.Struct):
    """The answer of `getPosts`."""

    posts: list[PostView]


class XrpcError(msgspec.Struct):
    """The body of an error."""

    error: str = ""
    message: str = ""


class Bluesky(Reader):
    """The public AppView."""

    network: ClassVar[Network] = BLUESKY
    reset_header = "ratelimit-reset"
    remaining_header = "ratelimit-remaining"

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the XRPC query of a job."""
        if job.operation == "profile" and job.confirm:
            # `getProfiles` leaves out who is not there; asked for alone, it is said why.
            return Request(
                f"{XRPC}app.bsky.actor.getProfile", (("actor", _actor(job.subjects[0])),)
            )
        if job.operation == "profile":
            actors = tuple(("actors", _actor(subject)) for subject in job.subjects)
            return Request(f"{XRPC}app.bsky.actor.getProfiles", actors)
        if job.operation == "readings":
            uris = tuple(
                ("uris", post.native_id) for subject in job.subjects for post in subject.posts
            )
            return Request(f"{XRPC}app.bsky.feed.getPosts", uris)
        params = [
            ("actor", _actor(job.subjects[0])),
            ("limit", str(BLUESKY.page_size)),
            ("filter", "posts_no_replies"),
        ]
        if job.cursor:
            params.append(("cursor", job.cursor))
        return Request(f"{XRPC}app.bsky.feed.getAuthorFeed", tuple(params))

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Sort the named errors, which come as 400."""
        if answer.status != 400:
            return super().failure(job, answer)
        error = _error(answer)
        detail = f"HTTP 400: {error.error}: {error.message}"
        batched = job.operation == "profile" and len(job.subjects) > 1
        if batched or error.error in GONE or "not found" in error.message.lower():
            return Failure("gone", detail, absence=_absence(error))
        if error.error == "RateLimitExceeded":
            return Failure("rate_limited", detail, self.retry_at(answer))
        return Failure("refused", detail)

    def reason(self, answer: Answer) -> str:
        """Return the name and message of an XRPC error."""
        error = _error(answer)
        return f"{error.error}: {error.message}".strip(": ")

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read profiles, an author's feed, or posts."""
        found = Findings(BLUESKY, job, answer)
        cursor: str | None = None
        if job.operation == "profile" and job.confirm:
            _read_profiles(job, Profiles([found.read(Actor)]), found)
        elif job.operation == "profile":
            _read_profiles(job, found.read(Profiles), found)
        elif job.operation == "readings":
            posts = {view.uri: view for view in found.read(Posts).posts}
            for subject, known, view in found.again(posts):
                _add(subject, view, found, known.published_at)
        else:
            cursor = _read_feed(job, found.read(AuthorFeed), found)
        return found.parsed(next_cursor=cursor)


READER = Bluesky


def post_address(uri: str) -> str:
    """Return the page of a post, from its `at://` address; stable through renames."""
    did, _, rkey = uri.removeprefix("at://").split("/")
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def kind_of(embed: Embed | None) -> PostKind:
    """Return the kind of a post from what its author embedded."""
    name = embed.type.removeprefix("app.bsky.embed.") if embed else ""
    if embed and name.startswith("images"):
        return "album" if len(embed.images) > 1 else "photo"
    kinds: dict[str, PostKind] = {"video": "video", "external": "link", "": "text"}
    return kinds.get(name.split("#")[0], "other")


def published_at(created: str | None, indexed: datetime) -> datetime:
    """Return when a post was published: its author's date, within the day before the index's."""
    said = read_iso(created)
    return said if said and indexed - timedelta(days=1) <= said <= indexed else indexed


def _actor(subject: JobSubject) -> str:
    return subject.native_id or subject.handle


def _error(answer: Answer) -> XrpcError:
    return told(answer.body, XrpcError) or XrpcError()


def _absence(error: XrpcError) -> Absence:
    said = GONE.get(error.error, "not_found")
    return "suspended" if said == "taken_down" and "suspend" in error.message.lower() else said


def _hidden(labels: list[Label]) -> bool:
    return any(label.val == HIDDEN_LABEL and not label.neg for label in labels)


def _read_profiles(job: JobGranted, answer: Profiles, found: Findings) -> None:
    by_name = {profile.did: profile for profile in answer.profiles}
    by_name |= {profile.handle.casefold(): profile for profile in answer.profiles}
    for subject in job.subjects:
        profile = by_name.get(subject.native_id or subject.handle.casefold())
        if profile is None:
            found.left_out(subject, "left out of getProfiles")
            continue
        handle = None if profile.handle == "handle.invalid" else profile.handle
        found.identify(subject, profile.did, handle)
        found.account(
            subject,
            native_id=profile.did,
            handle=handle,
            name=profile.display_name,
            counters={
                "followers": profile.followers_count,
                "following": profile.follows_count,
                "posts": profile.posts_count,
            },
            absent="not_published",
        )


def _read_feed(job: JobGranted, answer: AuthorFeed, found: Findings) -> str | None:
    """Add the account's own posts; return the next cursor while the page reaches not the bound."""
    subject = job.subjects[0]
    oldest: datetime | None = None
    for item in answer.feed:
        pinned = item.reason is not None and item.reason.type.endswith("reasonPin")
        if item.reason is not None and not pinned:
            found.skipped["repost of somebody else's post"] += 1
            moment = read_iso(item.reason.indexed_at)
        elif not item.post.author.is_of(subject):
            found.skipped["post of somebody else"] += 1
            moment = None
        elif item.post.record.reply is not None:
            found.skipped["reply"] += 1
            moment = read_iso(item.post.indexed_at)
        else:
            moment = _add(subject, item.post, found)
        if moment and not pinned:
            oldest = min(oldest or moment, moment)
    bounded = oldest is not None and found.far_enough([oldest])
    return None if bounded or not answer.feed else answer.cursor


def _add(
    subject: JobSubject, view: PostView, found: Findings, known: datetime | None = None
) -> datetime | None:
    if (indexed := found.moment(view.uri, view.indexed_at, known)) is None:
        return None
    moment = published_at(view.record.created_at, indexed)
    found.post(
        subject,
        native_id=view.uri,
        address=post_address(quote(view.uri, safe=":/")),
        kind=kind_of(view.record.embed),
        published_at=moment,
        counters={
            "likes": view.like_count,
            "comments": view.reply_count,
            "shares": view.repost_count,
            "quotes": view.quote_count,
        },
        absent="not_published",
        text=tidy(view.record.text),
        language=view.record.language,
        tags=view.record.hashtags,
        shown=not _hidden(view.author.labels + view.labels),
    )
    return moment
