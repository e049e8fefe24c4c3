"""Flickr: methods by name, with a key; failures come as HTTP 200 (flickr.com/services/api).

- Made from documentation, and from recorded answers in XML, of which JSON is the other writing:
  attributes are fields, the text of an element is its `_content`, numbers may be texts.
- Everything is asked by the account's id (« 123@N01 »). One that is known by its name only is
  looked up first: that answer has no counter.
- A photo that is missing on its page is asked for by itself: it says neither faves (not asked, the
  page has them) nor whether it was deleted or made private: neither is public.
"""

from typing import ClassVar

import msgspec

from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.flickr import NETWORK as FLICKR
from services.collector.parsing.lenient import Figure, figure, told
from services.collector.parsing.text import tidy, without_markup
from services.collector.readers.findings import Findings
from services.collector.readers.pages import PagesReader
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    FailureCause,
    Parsed,
    Request,
)

API = "https://api.flickr.com/services/rest/"
EXTRAS = "date_upload,views,count_faves,count_comments,description,media"
CAUSES: dict[int, FailureCause] = {
    1: "gone", 2: "gone", 5: "gone", 6: "gone",
    100: "credential",
    105: "unavailable", 106: "unavailable", 201: "unavailable",
}  # fmt: skip
MISSING = (1, 2)
DELETED = 5
"""Codes of the network's errors."""


class Content(msgspec.Struct):
    """The text of an element."""

    text: Figure = msgspec.field(name="_content", default=None)


class Uploads(msgspec.Struct):
    """How many photos an account has."""

    count: Content | None = None


class Person(msgspec.Struct):
    """An account."""

    nsid: str
    path_alias: str | None = None
    username: Content | None = None
    realname: Content | None = None
    photos: Uploads | None = None


class PersonBody(msgspec.Struct):
    """The answer about an account."""

    person: Person


class Looked(msgspec.Struct):
    """An account found by the address of its photos."""

    id: str


class LookedBody(msgspec.Struct):
    """The answer to a look-up."""

    user: Looked


class Photo(msgspec.Struct):
    """A photo or a video of a page."""

    id: str
    dateupload: Figure
    owner: str | None = None
    title: str = ""
    description: Content | None = None
    media: str = "photo"
    ispublic: Figure = 1
    views: Figure = None
    count_faves: Figure = None
    count_comments: Figure = None


class Photos(msgspec.Struct):
    """A page of photos."""

    photo: list[Photo]
    page: Figure = 1
    pages: Figure = None


class PhotosBody(msgspec.Struct):
    """The answer with a page."""

    photos: Photos


class Alone(msgspec.Struct):
    """A photo asked for by itself."""

    id: str
    dateuploaded: Figure
    title: Content | None = None
    description: Content | None = None
    media: str = "photo"
    views: Figure = None
    comments: Content | None = None


class AloneBody(msgspec.Struct):
    """The answer about one photo."""

    photo: Alone


class Problem(msgspec.Struct):
    """A failure, whatever the status of HTTP."""

    stat: str
    code: int = 0
    message: str = ""


class Flickr(PagesReader):
    """Accounts and their photos."""

    network: ClassVar[Network] = FLICKR

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job."""
        subject = job.subjects[0]
        if job.operation == "readings":
            photo = ("photo_id", subject.posts[0].native_id)
            return _call("photos.getInfo", credential, photo)
        if subject.native_id is None:
            address = ("url", f"https://www.flickr.com/photos/{subject.handle}/")
            return _call("urls.lookupUser", credential, address)
        user = ("user_id", subject.native_id)
        if job.operation == "profile":
            return _call("people.getInfo", credential, user)
        size = str(FLICKR.page_size)
        paging = (("per_page", size), ("page", job.cursor or "1"))
        return _call("people.getPublicPhotos", credential, user, ("extras", EXTRAS), *paging)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Sort by the failure's code: it comes as HTTP 200."""
        failed, said = super().failure(job, answer), _problem(answer)
        if failed is not None or said is None:
            return failed
        if job.operation == "readings" and said.code in MISSING:
            return None
        cause = CAUSES.get(said.code, "refused")
        absence = "deleted" if said.code == DELETED else None
        return Failure(cause, f"{said.code}: {said.message}", absence=absence)

    def withheld(self, answer: Answer) -> bool:
        """Tell whether a failure came as HTTP 200."""
        return _problem(answer) is not None

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read an account, its id, a page of its photos, or one photo."""
        subject = job.subjects[0]
        if job.operation != "readings" and subject.native_id is None:
            found = Findings(FLICKR, job, answer)
            found.identify(subject, found.read(LookedBody).user.id, None)
            return found.parsed()
        return self.by_operation(
            job,
            answer,
            (PersonBody, _add_account),
            (PhotosBody, _read_page),
            (AloneBody, _add_alone),
        )


READER = Flickr


def _call(method: str, credential: Credential | None, *params: tuple[str, str]) -> Request:
    asked = (("method", f"flickr.{method}"), ("format", "json"), ("nojsoncallback", "1"), *params)
    secret = (("api_key", credential.token),) if credential else ()
    return Request(API, asked, secret_params=secret)


def _problem(answer: Answer) -> Problem | None:
    said = told(answer.body, Problem)
    return said if said and said.stat != "ok" else None


def _add_account(subject: JobSubject, body: PersonBody, found: Findings) -> None:
    person = body.person
    handle = person.path_alias.lower() if person.path_alias else None
    if not found.identify(subject, person.nsid, handle):
        return
    count = person.photos.count if person.photos else None
    found.account(
        subject,
        native_id=person.nsid,
        handle=handle,
        name=_text(person.realname) or _text(person.username),
        counters={"posts": figure(count.text) if count else None},
        absent="hidden",
    )


def _read_page(job: JobGranted, body: PhotosBody, found: Findings) -> str | None:
    page, subject = body.photos, job.subjects[0]
    for photo in page.photo:
        _add_photo(subject, photo, found)
    number, pages = figure(page.page) or 1, figure(page.pages) or 0
    return str(number + 1) if found.end_page(subject) and number < pages else None


def _add_photo(subject: JobSubject, photo: Photo, found: Findings) -> None:
    if (moment := found.moment(photo.id, figure(photo.dateupload))) is None:
        return
    if not found.is_own(subject.native_id, photo.owner):
        return
    if figure(photo.ispublic) == 0:
        found.skipped["not public"] += 1
        return
    found.post(
        subject,
        native_id=photo.id,
        address=address_of(subject, photo.id),
        kind="video" if photo.media == "video" else "photo",
        published_at=moment,
        counters={
            "likes": figure(photo.count_faves),
            "comments": figure(photo.count_comments),
            "views": figure(photo.views),
        },
        absent="not_permitted",
        text=_said(photo.title, photo.description),
    )


def _add_alone(subject: JobSubject, body: AloneBody, found: Findings) -> None:
    photo = body.photo
    if (moment := found.moment(photo.id, figure(photo.dateuploaded))) is None:
        return
    found.post(
        subject,
        native_id=photo.id,
        address=address_of(subject, photo.id),
        kind="video" if photo.media == "video" else "photo",
        published_at=moment,
        counters={
            "likes": None,
            "comments": figure(photo.comments.text) if photo.comments else None,
            "views": figure(photo.views),
        },
        text=_said(_text(photo.title), photo.description),
    )


def address_of(subject: JobSubject, photo: str) -> str:
    """Return the page of a photo."""
    return f"https://www.flickr.com/photos/{subject.native_id or subject.handle}/{photo}/"


def _said(title: str, description: Content | None) -> str:
    return tidy(f"{title}\n{without_markup(_text(description))}")


def _text(content: Content | None) -> str:
    return "" if content is None or content.text is None else str(content.text)
