"""Mastodon and compatible servers: the account's own instance is asked (docs.joinmastodon.org).

- Profile by `lookup`, then by id; posts on the account's pages, whose `Link` is followed as it is.
- Boosts of others and replies to others are no posts of the account. Content is HTML.
- `X-RateLimit-Reset` is an ISO date.
- A post missing from its page is asked for by itself: 404 says that it is deleted.
- What others say is found by hashtag, on the instances of accounts that are read: public posts in
  French, of who did not ask to be found by nobody (`discoverable`, `indexable`, `noindex`).
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
from services.collector.readers.news import News
from services.collector.readers.reader import Answer, Credential, Parsed, Present, Request

FRENCH = "fr"
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
    discoverable: bool | None = None
    indexable: bool | None = None
    noindex: bool | None = None
    moved: Moved | None = None

    @property
    def found(self) -> bool:
        """Tell whether its owner lets it be found."""
        return self.discoverable is not False and self.indexable is not False and not self.noindex


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
    edited_at: str | None = None
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
        page = ("limit", str(MASTODON.page_size))
        if job.operation == "mentions":
            tag = subject.handle.rpartition("@")[0]
            return Request(f"{api}/timelines/tag/{quote(tag, safe='')}", (page,))
        params = (
            page,
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
        if job.operation == "mentions":
            found, news = Findings(MASTODON, job, answer), News(job)
            statuses = found.read(list[Status])
            for status in statuses:
                _add_mention(self.host(subject), status, found, news)
            # A page that is not full has an address of the next one too.
            full = len(statuses) >= MASTODON.page_size and not found.far_enough()
            cursor = following[1] if following and full else None
            return found.parsed(next_cursor=cursor, items=news.items)
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
        text=_said(status),
        language=status.language,
        tags=tuple(tag.name for tag in status.tags),
    )


def _add_mention(server: str, status: Status, found: Findings, news: News) -> None:
    """Add what somebody says under a hashtag, if it is for everybody and in French."""
    author, address = status.account, status.url or ""
    moment = found.moment(status.id, status.created_at)
    if moment is None or not news.take(f"{status.id}{status.edited_at or ''}", moment):
        return
    if status.reblog is not None or status.visibility != "public":
        found.skipped["not public"] += 1
        return
    if not author.found:
        found.skipped["by who asks not to be found"] += 1
        return
    if (status.language or FRENCH).partition("-")[0] != FRENCH:
        found.skipped["not in French"] += 1
        return
    found.mention(
        address=address,
        source=parts_of(address).netloc.lower() or server,
        published_at=moment,
        title=None,
        text=_said(status),
        language=status.language,
        speaker=author.acct if "@" in author.acct else f"{author.acct}@{server}",
    )


def _said(status: Status) -> str:
    text = without_markup(_QUOTE.sub("", status.content))
    return "\n".join(filter(None, (status.spoiler_text, text)))


def _kind(status: Status) -> PostKind:
    kinds = [attachment.type for attachment in status.media_attachments]
    if any(kind in ("video", "gifv") for kind in kinds):
        return "video"
    if kinds:
        return "album" if len(kinds) > 1 else ("photo" if kinds[0] == "image" else "other")
    return "link" if status.card is not None else "text"
