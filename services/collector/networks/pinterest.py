"""Pinterest by its API v5: an account by the token of its owner, and nobody else's.

- Made from documentation (developers.pinterest.com); of real answers only a pin is recorded.
- No call names an account: the token does. A name that changes is learnt from the answer.
- `pin_metrics` gives the reactions and comments of a pin since it was published; the others of its
  figures are its owner's. One that is still being counted has none: null, not asked.
- Pins come by pages, newest first; one that is missing there is asked for by itself. Of pins that
  were saved from others, `is_owner` says that they are somebody else's.
"""

from typing import ClassVar
from urllib.parse import quote

import msgspec

from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.pinterest import NETWORK as PINTEREST
from contracts.posts import PostKind
from services.collector.parsing.lenient import told
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.pages import PagesReader
from services.collector.readers.reader import Answer, Credential, Failure, Parsed, Request

API = "https://api.pinterest.com/v5/"
KINDS: dict[str, PostKind] = {
    "image": "photo", "video": "video", "multiple_images": "album", "multiple_videos": "album",
    "multiple_mixed": "album",
}  # fmt: skip


class User(msgspec.Struct):
    """The account of a token."""

    username: str
    id: str | None = None
    business_name: str | None = None
    follower_count: int | None = None
    following_count: int | None = None
    pin_count: int | None = None


class Lifetime(msgspec.Struct):
    """Figures of a pin since it was published."""

    reaction: int | None = None
    comment: int | None = None


class Metrics(msgspec.Struct):
    """Figures of a pin, over periods that are ours to choose, or since it was published."""

    lifetime_metrics: Lifetime | None = None


class Media(msgspec.Struct):
    """What a pin shows."""

    media_type: str = ""


class Pin(msgspec.Struct):
    """A pin, on a page or alone."""

    id: str
    created_at: str | None = None
    title: str | None = None
    description: str | None = None
    is_owner: bool = True
    media: Media | None = None
    pin_metrics: Metrics | None = None


class Page(msgspec.Struct):
    """A page of pins, and where the next one is."""

    items: list[Pin]
    bookmark: str | None = None


class Problem(msgspec.Struct):
    """The body of an error."""

    code: int
    message: str = ""


class Pinterest(PagesReader):
    """The account of an owner's token, and its pins."""

    network: ClassVar[Network] = PINTEREST
    missing: ClassVar[tuple[int, ...]] = (403, 404)
    reset_header = "x-ratelimit-reset"
    remaining_header = "x-ratelimit-remaining"

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job."""
        if job.operation == "profile":
            return _ask("user_account", credential)
        metrics = ("pin_metrics", "true")
        if job.operation == "readings":
            return _ask(f"pins/{quote(job.subjects[0].posts[0].native_id)}", credential, metrics)
        size = ("page_size", str(PINTEREST.page_size))
        from_there = (("bookmark", job.cursor),) if job.cursor else ()
        return _ask("pins", credential, size, metrics, *from_there)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Say of no account that it is gone, for none is named; a token that ended is one."""
        failed = super().failure(job, answer)
        if failed is None:
            return None
        if answer.status == 401:
            return Failure("credential", failed.detail)
        return Failure("refused", failed.detail) if failed.cause == "gone" else failed

    def reason(self, answer: Answer) -> str:
        """Return what the API says."""
        said = told(answer.body, Problem)
        return f"{said.code} {said.message}".strip() if said else ""

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, a page of its pins, or one pin."""
        return self.by_operation(
            job, answer, (User, _add_account), (Page, _read_page), (Pin, _add_pin)
        )


READER = Pinterest


def _ask(path: str, credential: Credential | None, *params: tuple[str, str]) -> Request:
    token = credential.token if credential else ""
    return Request(f"{API}{path}", params, secret_headers=(("Authorization", f"Bearer {token}"),))


def _add_account(subject: JobSubject, user: User, found: Findings) -> None:
    handle = user.username.lower()
    if handle != subject.handle.casefold():
        found.renamed[subject.subject] = handle
    found.account(
        subject,
        native_id=user.id,
        handle=handle,
        name=user.business_name or None,
        counters={
            "followers": user.follower_count,
            "following": user.following_count,
            "posts": user.pin_count,
        },
        absent="not_permitted",
    )


def _read_page(job: JobGranted, page: Page, found: Findings) -> str | None:
    subject = job.subjects[0]
    for pin in page.items:
        _add_pin(subject, pin, found)
    return page.bookmark if found.end_page(subject) and page.bookmark else None


def _add_pin(subject: JobSubject, pin: Pin, found: Findings) -> None:
    if (moment := found.moment(pin.id, pin.created_at)) is None:
        return
    if not pin.is_owner:
        found.skipped["pin of somebody else"] += 1
        return
    counted = (pin.pin_metrics and pin.pin_metrics.lifetime_metrics) or Lifetime()
    found.post(
        subject,
        native_id=pin.id,
        address=f"https://www.pinterest.com/pin/{quote(pin.id, safe='')}/",
        kind=KINDS.get(pin.media.media_type, "other") if pin.media else "other",
        published_at=moment,
        counters={"likes": counted.reaction, "comments": counted.comment},
        absent="not_asked",
        text=tidy(f"{pin.title or ''}\n{pin.description or ''}"),
    )
