"""Mastodon and compatible servers: the account's own instance is asked (docs.joinmastodon.org).

- Profile by `lookup`, then by id; posts on the account's pages, whose `Link` is followed as it is.
- Boosts of others and replies to others are no posts of the account. Content is HTML.
- `X-RateLimit-Reset` is an ISO date.
- A post missing from its page is asked for by itself: 404 says that it is deleted.
- The text of a quote that stands in for clients without quotes is left out.
"""

import re
from typing import ClassVar
from urllib.parse import quote

import msgspec

from contracts.addresses import Identity, read_address
from contracts.addresses.hosts import parts_of
from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.mastodon import NETWORK as MASTODON
from contracts.posts import PostKind
from services.collector.parsing.text import without_markup
from services.collector.readers.findings import Findings
from services.collector.readers.instance import InstanceReader
from services.collector.readers.reader import Answer, Credential, Parsed, Present, Request

_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="?next"?')
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


class Mastodon(InstanceReader):
    """Any instance."""

    network: ClassVar[Network] = MASTODON

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job; the next page's address was given by the page before.

        Raises `ValueError` for a handle whose host cannot be asked.
        """
        subject = job.subjects[0]
        api = self.api(subject)
        if job.operation == "readings":
            return Request(f"{api}/statuses/{quote(subject.posts[0].native_id, safe='')}")
        if job.operation == "profile":
            if subject.native_id:
                return Request(f"{api}/accounts/{quote(subject.native_id, safe='')}")
            user = subject.handle.removeprefix("@").rpartition("@")[0]
            return Request(f"{api}/accounts/lookup", (("acct", user),))
        if job.cursor and parts_of(job.cursor).netloc.lower() == self.host(subject):
            return Request(job.cursor)
        params = (
            ("limit", str(MASTODON.page_size)),
            ("exclude_reblogs", "true"),
            ("exclude_replies", "true"),
        )
        return Request(f"{api}/accounts/{quote(subject.native_id or '', safe='')}/statuses", params)

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, a page of its posts, or one post."""
        following = _NEXT.search(answer.headers.get("link", ""))

        def read_page(_: JobGranted, statuses: list[Status], found: Findings) -> str | None:
            for status in statuses:
                _add_status(subject, status, found)
            return following[1] if found.end_page(subject) and following else None

        subject = job.subjects[0]
        return self.by_operation(
            job, answer, (Account, _add_account), (list[Status], read_page), (Status, _add_status)
        )


READER = Mastodon


def _add_account(subject: JobSubject, account: Account, found: Findings) -> None:
    if account.suspended:
        found.left_out(subject, "suspended", "suspended")
        return
    host = subject.handle.rpartition("@")[2].lower()
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
        absent="not_published",
    )
    if account.moved is not None:
        acct = account.moved.acct
        moved = read_address(f"@{acct if '@' in acct else f'{acct}@{host}'}", "mastodon")
        if isinstance(moved, Identity) and moved.handle:
            found.renamed[subject.subject] = moved.handle
        else:
            found.skipped["moved to what is no account"] += 1


def _add_status(subject: JobSubject, status: Status, found: Findings) -> None:
    if (moment := found.moment(status.id, status.created_at)) is None:
        return
    if not found.is_own(subject.native_id, status.account.id):
        return
    if status.reblog is not None:
        found.skipped["boost of somebody else's post"] += 1
        return
    if status.in_reply_to_account_id not in (None, status.account.id):
        found.skipped["reply to somebody else"] += 1
        return
    if status.visibility not in ("public", "unlisted"):
        found.skipped["not public"] += 1
        return
    text = without_markup(_QUOTE.sub("", status.content))
    found.post(
        subject,
        native_id=status.id,
        address=status.url,
        kind=_kind(status),
        published_at=moment,
        counters={
            "likes": status.favourites_count,
            "comments": status.replies_count,
            "shares": status.reblogs_count,
            "quotes": status.quotes_count,
        },
        absent="not_published",
        text="\n".join(filter(None, (status.spoiler_text, text))),
        language=status.language,
        tags=tuple(tag.name for tag in status.tags),
    )


def _kind(status: Status) -> PostKind:
    kinds = [attachment.type for attachment in status.media_attachments]
    if any(kind in ("video", "gifv") for kind in kinds):
        return "video"
    if kinds:
        return "album" if len(kinds) > 1 else ("photo" if kinds[0] == "image" else "other")
    return "link" if status.card is not None else "text"
