"""Bluesky's Jetstream: every post of the network, in real time, free and without a key.

Published are the posts of registered accounts, and as mentions the ones in French that hold a word
of an active watch. Deletions follow, of a post or of its author's account; an edited mention says
what it says now. Parsing is pure.

- The record key of a post is its date, in microseconds: a deletion, which has no text, is dated.
- The id of an event is the hash of (address, operation, revision): seen twice, it is the same.
Source: github.com/bluesky-social/jetstream.
"""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from contracts.event import EARLIEST_MOMENT, LATEST_MOMENT, AbsenceReason, Event, Origin, hashed_id
from contracts.jobs import PostReading
from contracts.mentions import MentionObserved, mention_id
from contracts.networks.bluesky import NETWORK
from contracts.posts import POST_COUNTERS, PostCounter, PostObserved, TextObserved, post_id
from contracts.topics import MENTIONS_OBSERVED, POSTS_OBSERVED, TEXTS_OBSERVED, Topic
from libs.matching.derived import derive
from services.collector.networks.bluesky import (
    PostRecord,
    kind_of,
    post_address,
    published_at,
)
from services.collector.parsing.lenient import decode
from services.collector.parsing.text import hashtags_of, tidy
from services.collector.streaming.known import Mentions
from services.collector.streaming.stream import Hearing, Seen, Stream

SLUG = NETWORK.slug
POSTS = "app.bsky.feed.post"
ADDRESS = f"wss://jetstream2.us-east.bsky.network/subscribe?wantedCollections={POSTS}"
AHEAD = 86_400.0
"""Seconds by which a server's clock may be ahead of ours."""

REWIND_US = 5_000_000
"""The four instances share the cursor, roughly: it is taken up a few seconds earlier."""

SOURCE = "jetstream"
FRENCH = ("fr", "fra", "fre")
CLOSED = ("deleted", "deactivated", "suspended", "takendown")
_SORTABLE = {sign: value for value, sign in enumerate("234567abcdefghijklmnopqrstuvwxyz")}


class Commit(msgspec.Struct):
    """A change of somebody's repository."""

    operation: Literal["create", "update", "delete"]
    collection: str
    rkey: str
    rev: str = ""
    record: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b""))


class AccountState(msgspec.Struct):
    """What an account has become; one that hides or goes takes its posts along."""

    active: bool = True
    status: str | None = None


class StreamEvent(msgspec.Struct):
    """A line of the stream; `time_us` is also the cursor."""

    did: str
    time_us: int
    kind: str
    commit: Commit | None = None
    account: AccountState | None = None

    @property
    def cursor(self) -> str:
        """Return from where to go on after it."""
        return str(self.time_us)

    @property
    def moment(self) -> datetime:
        """Return when it was sent (UTC)."""
        return datetime.fromtimestamp(self.time_us / 1e6, UTC)


class Heard(NamedTuple):
    """By which installation a line was read, when it was sent, and when it was read (UTC)."""

    origin: Origin
    moment: datetime
    now: datetime


def read_line(line: bytes | str) -> StreamEvent:
    """Read a line of the stream; raises `msgspec.DecodeError`."""
    return msgspec.json.decode(line, type=StreamEvent)


def see(event: StreamEvent, hearing: Hearing) -> Seen:
    """Return what a line gives."""
    origin, accounts, sieve, known, now = hearing
    commit = event.commit
    heard = Heard(origin, event.moment, now)
    # Who comes back does not have what was said told again: a person who hid may have meant it.
    if event.account is not None and event.account.status in CLOSED and not event.account.active:
        status, at = event.account.status, str(event.time_us)
        gone = (
            _gone(address, hashed_id(address, status, at), heard) for address in known.of(event.did)
        )
        return Seen(tuple(gone), what="account closed")
    if commit is None or commit.collection != POSTS:
        return Seen()
    account = accounts.get(event.did)
    uri = f"at://{event.did}/{POSTS}/{commit.rkey}"
    if commit.operation == "delete":
        return _deleted(uri, commit, account, known, heard)
    if not bytes(commit.record):
        return Seen(what="no record")
    record = decode(bytes(commit.record), PostRecord, Counter())
    if account is not None and record.reply is None:
        return _post(uri, commit, record, account, heard)
    if account is not None:
        return Seen(what="reply of an account")
    address = post_address(uri)
    text = tidy(record.text)
    if address not in known and not _in_french(record):
        return Seen(what="not in French")
    if address not in known and not sieve.passes(text):
        return Seen(what="no watched word")
    mention = _mention(
        address,
        _event_id(uri, commit),
        heard,
        published_at=min(published_at(record.created_at, heard.moment), now),
        text=text,
        language=record.language,
    )
    return Seen((mention,), mention=address, what="mention")


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
    return moment if EARLIEST_MOMENT <= moment < LATEST_MOMENT else None


def _in_french(record: PostRecord) -> bool:
    spoken = (re.split("[-_]", lang)[0].lower() for lang in record.langs or ())
    return not record.langs or any(lang in FRENCH for lang in spoken)


def _event_id(uri: str, commit: Commit) -> str:
    return hashed_id(uri, commit.operation, commit.rev)


def _post(uri: str, commit: Commit, record: PostRecord, account: str, heard: Heard) -> Seen:
    """Return a post of a registered account; its counters are not in the stream: not asked."""
    published = min(published_at(record.created_at, heard.moment), heard.now)
    text = tidy(record.text)
    named = hashtags_of(text, record.hashtags)
    derived = derive(text, named)
    reasons: dict[PostCounter, AbsenceReason] = dict.fromkeys(POST_COUNTERS, "not_asked")
    reasons["views"] = "not_published"
    observed = _observed(
        uri,
        commit,
        account,
        heard,
        kind=kind_of(record.embed),
        published_at=published,
        absent=reasons,
        text_length=len(text),
        hashtags=named,
        language=record.language,
        topics=derived.topics,
        fingerprint=derived.fingerprint,
    )
    events: list[tuple[Topic, Event]] = [observed]
    if text:
        post = post_id(SLUG, uri)
        told = TextObserved(
            event_id=hashed_id("text", post, text),
            origin=heard.origin,
            post=post,
            account=account,
            network=SLUG,
            address=post_address(uri),
            published_at=published,
            observed_at=heard.now,
            text=text,
            language=record.language,
        )
        events.append((TEXTS_OBSERVED, told))
    # Not a reading of counters, but the first is due an hour after publication, not at once.
    reading = PostReading(native_id=uri, published_at=published, read_at=published)
    return Seen(tuple(events), account=account, reading=reading, what="post")


def _deleted(uri: str, commit: Commit, account: str | None, known: Mentions, heard: Heard) -> Seen:
    address = post_address(uri)
    if account is not None:
        published = _dated(commit.rkey, heard)
        absent = dict.fromkeys(POST_COUNTERS, "not_published")
        post = _observed(
            uri, commit, account, heard, state="deleted", published_at=published, absent=absent
        )
        reading = PostReading(native_id=uri, published_at=published)
        return Seen((post,), account=account, reading=reading, what="deleted")
    if address not in known:
        return Seen(what="deletion of something unknown")
    return Seen((_gone(address, _event_id(uri, commit), heard),), mention=address, what="deleted")


def _dated(rkey: str, heard: Heard) -> datetime:
    """Return when a post was published, as its key says, else when the line was sent."""
    return min(date_of_key(rkey) or heard.moment, heard.now)


def _gone(address: str, event_id: str, heard: Heard) -> tuple[Topic, Event]:
    published = _dated(address.rpartition("/")[2], heard)
    return _mention(address, event_id, heard, state="deleted", published_at=published)


def _observed(
    uri: str, commit: Commit, account: str, heard: Heard, **said: object
) -> tuple[Topic, Event]:
    post = PostObserved.write(
        event_id=_event_id(uri, commit),
        origin=heard.origin,
        post=post_id(SLUG, uri),
        account=account,
        network=SLUG,
        native_id=uri,
        address=post_address(uri),
        slot=heard.moment,
        observed_at=heard.now,
        likes=None,
        comments=None,
        shares=None,
        **said,
    )
    return POSTS_OBSERVED, post


def _mention(address: str, event_id: str, heard: Heard, **said: Any) -> tuple[Topic, Event]:
    mention = MentionObserved(
        event_id=event_id,
        origin=heard.origin,
        mention=mention_id(address),
        network=SLUG,
        address=address,
        source=SOURCE,
        observed_at=heard.now,
        **said,
    )
    return MENTIONS_OBSERVED, mention


def _cursor_at(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1e6))


def _since(cursor: str) -> dict[str, str]:
    return {"cursor": str(max(0, int(cursor) - REWIND_US))}


def _usable(cursor: str, now: datetime) -> bool:
    number = cursor.isascii() and cursor.isdigit() and len(cursor) <= 20
    return number and int(cursor) <= (now.timestamp() + AHEAD) * 1e6


def _author_of(address: str) -> str:
    return address.rpartition("/profile/")[2].partition("/")[0]


STREAM = Stream(NETWORK, ADDRESS, read_line, see, _cursor_at, _usable, _since, _author_of)
