"""Mastodon and compatible servers: the account's own instance is asked (section 11).

- Profile by `lookup`, then by id; posts on the account's pages, whose `Link` is followed as it is.
- Boosts of others and replies to others are no posts of the account. Content is HTML.
- `X-RateLimit-Reset` is an ISO date. An instance may refuse anonymous reading (401, 403).
- A post missing from its page is asked for by itself: 404 says that it is deleted, if it is the
  instance that says so, in its JSON: a parked domain answers 404 to everything.
- The text of a quote that stands in for clients without quotes is left out.
"""

import re
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote, urlsplit

import msgspec

from contracts.addresses import Identity, read_address
from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.mastodon import NETWORK as MASTODON
from contracts.posts import PostCounter, PostKind
from services.collector.reading.dates import read_iso
from services.collector.reading.findings import Findings
from services.collector.reading.lenient import DROPPED
from services.collector.reading.network import (
    Answer,
    Credential,
    Failure,
    Parsed,
    Present,
    Reader,
    Request,
)
from services.collector.reading.text import without_markup

_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="?next"?')
_HOST = re.compile(r"[a-z0-9.\-]+(:\d{1,5})?")
_QUOTE = re.compile(r"""(?is)<p\b[^>]*\bclass=["'][^"'>]*\bquote-inline\b.*?</p>""")


class Moved(msgspec.Struct):
    """The account that another has moved to."""

    acct: str
    url: str | None = None


class Account(msgspec.Struct):
    """An account; `acct` has a host only when it is of another instance."""

    id: str
    username: str = ""
    acct: str = ""
    display_name: str | None = None
    url: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    statuses_count: int | None = None
    suspended: bool = False
    moved: Moved | None = None


class Attachment(msgspec.Struct):
    """What a post shows beside its text."""

    type: str = ""


class Tag(msgspec.Struct):
    """A hashtag of a post."""

    name: str


class Status(msgspec.Struct):
    """A post."""

    id: str
    created_at: str | None
    account: Account
    content: str = ""
    spoiler_text: str = ""
    url: str | None = None
    visibility: str = "public"
    language: str | None = None
    in_reply_to_account_id: str | None = None
    reblog: Present | None = None
    replies_count: int | None = None
    reblogs_count: int | None = None
    favourites_count: int | None = None
    quotes_count: int | None = None
    media_attachments: list[Attachment] = []
    tags: list[Tag] = []
    card: Present | None = None


class InstanceError(msgspec.Struct):
    """The body of an error."""

    error: str = ""


class Mastodon(Reader):
    """Any instance."""

    network: ClassVar[Network] = MASTODON
    reset_header = "x-ratelimit-reset"
    remaining_header = "x-ratelimit-remaining"

    def host(self, subject: JobSubject) -> str:
        """Return the instance of an account, as its handle has it, whatever it has."""
        return subject.handle.rpartition("@")[2].lower()

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job; the next page's address was given by the page before.

        Raises `ValueError` for a handle whose host cannot be asked.
        """
        subject = job.subjects[0]
        if not _HOST.fullmatch(self.host(subject)):
            raise ValueError(f"not an account of an instance: {subject.handle[:80]!r}")
        api = f"https://{self.host(subject)}/api/v1"
        if job.operation == "readings":
            return Request(f"{api}/statuses/{quote(subject.posts[0].native_id, safe='')}")
        if job.operation == "profile":
            if subject.native_id:
                return Request(f"{api}/accounts/{quote(subject.native_id, safe='')}")
            user = subject.handle.removeprefix("@").rpartition("@")[0]
            return Request(f"{api}/accounts/lookup", (("acct", user),))
        if job.cursor and urlsplit(job.cursor).netloc.lower() == self.host(subject):
            return Request(job.cursor)
        params = (
            ("limit", str(MASTODON.page_size)),
            ("exclude_reblogs", "true"),
            ("exclude_replies", "true"),
        )
        return Request(f"{api}/accounts/{quote(subject.native_id or '', safe='')}/statuses", params)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Let a missing post be read as one: it is no fact about the account."""
        failed = super().failure(job, answer)
        if failed is None or failed.cause != "gone":
            return failed
        if not self.reason(answer):
            return Failure("unavailable", f"{failed.detail}: not said by an instance")
        return None if job.operation == "readings" else failed

    def reason(self, answer: Answer) -> str:
        """Return what the instance says."""
        try:
            return msgspec.json.decode(answer.body, type=InstanceError).error
        except msgspec.DecodeError:
            return ""

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, a page of its posts, or one post."""
        found = Findings(MASTODON, job, answer)
        subject = job.subjects[0]
        cursor: str | None = None
        if job.operation == "profile":
            _add_account(subject, found.read(Account), found, self)
        elif job.operation == "readings":
            if answer.status in (404, 410):
                found.not_given(subject, tuple(post.native_id for post in subject.posts))
            else:
                _add_status(subject, found.read(Status), found)
        else:
            cursor = _read_page(subject, found.read(list[Status]), answer, found)
        return found.parsed(next_cursor=cursor, quota_left=self.quota_left(answer))


READER = Mastodon


def _add_account(subject: JobSubject, account: Account, found: Findings, reader: Mastodon) -> None:
    if account.suspended:
        found.gone[subject.subject] = "suspended"
        return
    host = reader.host(subject)
    user = account.username or account.acct.partition("@")[0]
    if not found.identify(subject, account.id, f"{user}@{host}".lower()):
        return
    found.account(
        subject,
        native_id=account.id,
        handle=f"{user}@{host}".lower(),
        name=account.display_name,
        counters={
            "followers": account.followers_count,
            "following": account.following_count,
            "posts": account.statuses_count,
        },
        absent=dict.fromkeys(MASTODON.account_counters, "not_published"),
    )
    if account.moved is not None:
        acct = account.moved.acct
        moved = read_address(f"@{acct if '@' in acct else f'{acct}@{host}'}", "mastodon")
        if isinstance(moved, Identity) and moved.handle:
            found.renamed[subject.subject] = moved.handle
        else:
            found.skipped["moved to what is no account"] += 1


def _read_page(
    subject: JobSubject, statuses: list[Status], answer: Answer, found: Findings
) -> str | None:
    added = {status.id: _add_status(subject, status, found) for status in statuses}
    dates = {name: moment for name, moment in added.items() if moment}
    found.missing_from_page(subject, dates)
    following = _NEXT.search(answer.headers.get("link", ""))
    bound = found.bound
    if not dates or following is None:
        return None
    return None if bound is not None and min(dates.values()) < bound else following[1]


def _add_status(subject: JobSubject, status: Status, found: Findings) -> datetime | None:
    moment = read_iso(status.created_at)
    if moment is None:
        found.skipped[DROPPED] += 1
        return None
    if subject.native_id is not None and status.account.id != subject.native_id:
        found.skipped["post of somebody else"] += 1
        return moment
    if status.reblog is not None:
        found.skipped["boost of somebody else's post"] += 1
        return moment
    if status.in_reply_to_account_id not in (None, status.account.id):
        found.skipped["reply to somebody else"] += 1
        return moment
    if status.visibility not in ("public", "unlisted"):
        found.skipped["not public"] += 1
        return moment
    counters: dict[PostCounter, int | None] = {
        "likes": status.favourites_count,
        "comments": status.replies_count,
        "shares": status.reblogs_count,
        "quotes": status.quotes_count,
    }
    text = without_markup(_QUOTE.sub("", status.content))
    found.post(
        subject,
        native_id=status.id,
        address=status.url,
        kind=_kind(status),
        published_at=moment,
        counters=counters,
        absent=dict.fromkeys(counters, "not_published"),
        text="\n".join(filter(None, (status.spoiler_text, text))),
        language=status.language,
        tags=tuple(tag.name for tag in status.tags),
    )
    return moment


def _kind(status: Status) -> PostKind:
    kinds = [attachment.type for attachment in status.media_attachments]
    if any(kind in ("video", "gifv") for kind in kinds):
        return "video"
    if kinds:
        return "album" if len(kinds) > 1 else ("photo" if kinds[0] == "image" else "other")
    return "link" if status.card is not None else "text"
