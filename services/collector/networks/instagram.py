"""Instagram by Business Discovery: professional accounts, seen from one of ours.

- Documentation: developers.facebook.com, « Business Discovery ».
- One call gives the profile and a page of media; the account is named by its username only. Its id
  tells whether the name still belongs to it.
- Error 110: personal, renamed or absent account.
- `like_count` is absent when the owner hides it; shares and views are the owner's own.
- The credential is written `{our-ig-user-id}:{token}`.
- Whose owner connected it is asked by the owner's token, of herself (`me`), in the same fields.
"""

import re
from dataclasses import replace
from typing import ClassVar

import msgspec

from contracts.accounts import AccountCounter
from contracts.jobs import JobGranted, account_of_owner
from contracts.networks import Network
from contracts.networks.instagram import NETWORK as INSTAGRAM
from contracts.posts import PostKind
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.graph import VERSION, GraphReader, Paging, account_of
from services.collector.readers.reader import Answer, Credential, Parsed, Request

PROFILE = "id,username,name,followers_count,follows_count,media_count"
MEDIA = "id,caption,permalink,timestamp,media_type,media_product_type,like_count,comments_count"
ME = f"https://graph.instagram.com/{VERSION}/me"
_HANDLE = re.compile(r"[A-Za-z0-9._\-]{1,60}")
_CURSOR = re.compile(r"[\w+/=\-.]{1,500}")
KINDS: dict[str, PostKind] = {"IMAGE": "photo", "CAROUSEL_ALBUM": "album", "VIDEO": "video"}


class Media(msgspec.Struct):
    """A post."""

    id: str
    timestamp: str | None = None
    caption: str | None = None
    permalink: str | None = None
    media_type: str = ""
    like_count: int | None = None
    comments_count: int | None = None


class MediaPage(msgspec.Struct):
    """A page of posts."""

    data: list[Media]
    paging: Paging | None = None


class Discovered(msgspec.Struct):
    """An account seen from ours; by its owner, `id` is our application's, `user_id` its own."""

    id: str
    user_id: str | None = None
    username: str | None = None
    name: str | None = None
    followers_count: int | None = None
    follows_count: int | None = None
    media_count: int | None = None
    media: MediaPage | None = None


class Discovery(msgspec.Struct):
    """The answer: what was discovered, inside the object of the account that asks."""

    business_discovery: Discovered


class Instagram(GraphReader):
    """Business Discovery."""

    network: ClassVar[Network] = INSTAGRAM

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the one expression that asks for profile and media; later pages for media only.

        Raises `ValueError` for a name that would change the expression.
        """
        handle = job.subjects[0].handle.removeprefix("@")
        if not _HANDLE.fullmatch(handle):
            raise ValueError(f"not an Instagram name: {handle[:60]!r}")
        after = ""
        if job.cursor:
            if not _CURSOR.fullmatch(job.cursor):
                raise ValueError("not a cursor of Instagram")
            after = f".after({job.cursor})"
        profile = "id,username" if job.page else PROFILE
        media = f"media.limit({INSTAGRAM.page_size}){after}{{{MEDIA}}}"
        if account_of_owner(job.bucket) is not None:
            fields = f"user_{profile},{media}"  # `user_id`, then the same
            return replace(self.ask("me", (("fields", fields),), credential), url=ME)
        fields = f"business_discovery.username({handle}){{{profile},{media}}}"
        return self.ask(account_of(credential), (("fields", fields),), credential)

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read the account and its page of media."""
        found = Findings(INSTAGRAM, job, answer)
        subject = job.subjects[0]
        own = account_of_owner(job.bucket) is not None
        seen = found.read(Discovered) if own else found.read(Discovery).business_discovery
        native_id = seen.user_id or seen.id
        if not found.identify(subject, native_id, seen.username):
            return found.parsed()
        counters: dict[AccountCounter, int | None] = {
            "followers": seen.followers_count,
            "following": seen.follows_count,
            "posts": seen.media_count,
        }
        if any(value is not None for value in counters.values()):
            found.account(
                subject,
                native_id=native_id,
                handle=seen.username,
                name=seen.name,
                counters=counters,
                absent="not_published",
            )
        cursor = _add_media(job, seen.media, found) if seen.media else None
        return found.parsed(next_cursor=cursor)


READER = Instagram


def _add_media(job: JobGranted, page: MediaPage, found: Findings) -> str | None:
    subject = job.subjects[0]
    for media in page.data:
        if (moment := found.moment(media.id, media.timestamp)) is None:
            continue
        found.post(
            subject,
            native_id=media.id,
            address=media.permalink,
            kind=KINDS.get(media.media_type, "other"),
            published_at=moment,
            counters={"likes": media.like_count, "comments": media.comments_count},
            absent="hidden",
            text=tidy(media.caption or ""),
        )
    cursors = page.paging.cursors if page.paging else None
    return cursors.after if found.end_page(subject) and cursors else None
