"""Bluesky's Jetstream: every post of the network, in real time, free and without a key.

Published are the posts of registered accounts, and as mentions the ones in French that hold a word
of an active watch. Deletions follow. Parsing is pure; the connection is in `connection.py`.

- The record key of a post is its date, in microseconds: a deletion, which has no text, is dated.
- The id of an event is the hash of (address, operation, revision): seen twice, it is the same.
Source: github.com/bluesky-social/jetstream; reference: platform APIs, section 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from contracts.event import EARLIEST, LATEST, AbsenceReason, Event, Origin, hashed_id
from contracts.jobs import PostReading
from contracts.mentions import MentionObserved, mention_id
from contracts.posts import POST_COUNTERS, PostCounter, PostObserved, TextObserved, post_id
from contracts.topics import MENTIONS_OBSERVED, POSTS_OBSERVED, TEXTS_OBSERVED, Topic
from libs.matching.sieve import Sieve
from services.collector.networks.bluesky import PostRecord, kind_of, published_at
from services.collector.text import hashtags, tidy

SLUG = "bluesky"
POSTS = "app.bsky.feed.post"
SOURCE = "jetstream"
LANGUAGE = "fr"
_SORTABLE = {sign: value for value, sign in enumerate("234567abcdefghijklmnopqrstuvwxyz")}


class Commit(msgspec.Struct):
    """A change of somebody's repository."""

    operation: Literal["create", "update", "delete"]
    collection: str
    rkey: str
    rev: str = ""
    record: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b""))


class StreamEvent(msgspec.Struct):
    """A line of the stream; `time_us` is also the cursor."""

    did: str
    time_us: int
    kind: str
    commit: Commit | None = None


What = Literal[
    "post",
    "mention",
    "deleted",
    "other collection",
    "no record",
    "reply of an account",
    "not in French",
    "no watched word",
    "deletion of something unknown",
]
"""What a line was, or why it gives nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one line gives: events, the post of an account (to be read again), or a mention."""

    events: tuple[tuple[Topic, Event], ...] = ()
    account: str | None = None
    reading: PostReading | None = None
    mention: str | None = None
    what: What = "other collection"


def read_line(line: bytes | str) -> StreamEvent:
    """Read a line of the stream; raises `msgspec.DecodeError`."""
    return msgspec.json.decode(line, type=StreamEvent)


def see(
    event: StreamEvent,
    *,
    origin: Origin,
    accounts: Mapping[str, str],
    sieve: Sieve,
    known: frozenset[str] | set[str],
    now: datetime,
) -> Seen:
    """Return what a line gives. `accounts` are the registered ones, DID → account; `known` the
    mentions published before, so that their deletion is told.
    """
    commit = event.commit
    if commit is None or commit.collection != POSTS:
        return Seen()
    account = accounts.get(event.did)
    uri = f"at://{event.did}/{POSTS}/{commit.rkey}"
    moment = datetime.fromtimestamp(event.time_us / 1e6, UTC)
    if commit.operation == "delete":
        return _deleted(uri, commit, account, known, origin=origin, moment=moment, now=now)
    if not bytes(commit.record):
        return Seen(what="no record")
    record = msgspec.json.decode(commit.record, type=PostRecord)
    if account is not None and record.reply is None:
        return _post(uri, commit, record, account, origin=origin, moment=moment, now=now)
    if account is not None:
        return Seen(what="reply of an account")
    if not _in_french(record):
        return Seen(what="not in French")
    text = tidy(record.text)
    if not sieve.passes(text):
        return Seen(what="no watched word")
    address = address_of(uri)
    mention = MentionObserved(
        event_id=hashed_id(uri, commit.operation, commit.rev),
        origin=origin,
        mention=mention_id(address),
        network=SLUG,
        address=address,
        source=SOURCE,
        published_at=min(published_at(record.created_at, moment), now),
        observed_at=now,
        text=text,
        language=record.langs[0] if record.langs else None,
    )
    return Seen(((MENTIONS_OBSERVED, mention),), mention=mention.mention, what="mention")


def address_of(uri: str) -> str:
    """Return the page of a post, from its `at://` address."""
    did, _, rkey = uri.removeprefix("at://").split("/")
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def date_of_key(rkey: str) -> datetime | None:
    """Return the date that a record key is made of (UTC), or None for a key of another form."""
    if len(rkey) != 13 or any(sign not in _SORTABLE for sign in rkey):
        return None
    number = 0
    for sign in rkey:
        number = number << 5 | _SORTABLE[sign]
    try:
        moment = datetime.fromtimestamp((number >> 10) / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if EARLIEST <= moment < LATEST else None


def _in_french(record: PostRecord) -> bool:
    return not record.langs or any(lang.split("-")[0] == LANGUAGE for lang in record.langs)


def _post(
    uri: str,
    commit: Commit,
    record: PostRecord,
    account: str,
    *,
    origin: Origin,
    moment: datetime,
    now: datetime,
) -> Seen:
    """Return a post of a registered account; its counters are not in the stream: not asked."""
    published = min(published_at(record.created_at, moment), now)
    text = tidy(record.text)
    language = record.langs[0] if record.langs else None
    post = post_id(SLUG, uri)
    address = address_of(uri)
    reasons: dict[PostCounter, AbsenceReason] = dict.fromkeys(POST_COUNTERS, "not_asked")
    reasons["views"] = "not_published"
    observed = PostObserved.write(
        event_id=hashed_id(uri, commit.operation, commit.rev),
        origin=origin,
        post=post,
        account=account,
        network=SLUG,
        native_id=uri,
        address=address,
        kind=kind_of(record.embed),
        published_at=published,
        slot=moment,
        observed_at=now,
        likes=None,
        comments=None,
        shares=None,
        absent=reasons,
        text_length=len(text),
        hashtags=hashtags(text),
        language=language,
    )
    events: list[tuple[Topic, Event]] = [(POSTS_OBSERVED, observed)]
    if text:
        told = TextObserved(
            event_id=hashed_id("text", post, text),
            origin=origin,
            post=post,
            account=account,
            network=SLUG,
            address=address,
            published_at=published,
            observed_at=now,
            text=text,
            language=language,
        )
        events.append((TEXTS_OBSERVED, told))
    # Not a reading of counters, but the first is due an hour after publication, not at once.
    reading = PostReading(native_id=uri, published_at=published, read_at=published)
    return Seen(tuple(events), account=account, reading=reading, what="post")


def _deleted(
    uri: str,
    commit: Commit,
    account: str | None,
    known: frozenset[str] | set[str],
    *,
    origin: Origin,
    moment: datetime,
    now: datetime,
) -> Seen:
    published = min(date_of_key(commit.rkey) or moment, now)
    address = address_of(uri)
    event_id = hashed_id(uri, commit.operation, commit.rev)
    if account is not None:
        post = PostObserved.write(
            event_id=event_id,
            origin=origin,
            post=post_id(SLUG, uri),
            account=account,
            network=SLUG,
            native_id=uri,
            address=address,
            state="deleted",
            published_at=published,
            slot=moment,
            observed_at=now,
            likes=None,
            comments=None,
            shares=None,
            absent=dict.fromkeys(POST_COUNTERS, "not_published"),
        )
        reading = PostReading(native_id=uri, published_at=published)
        return Seen(((POSTS_OBSERVED, post),), account=account, reading=reading, what="deleted")
    if mention_id(address) not in known:
        return Seen(what="deletion of something unknown")
    mention = MentionObserved(
        event_id=event_id,
        origin=origin,
        mention=mention_id(address),
        network=SLUG,
        address=address,
        source=SOURCE,
        state="deleted",
        published_at=published,
        observed_at=now,
    )
    return Seen(((MENTIONS_OBSERVED, mention),), mention=mention.mention, what="deleted")
