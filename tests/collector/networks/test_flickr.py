"""Flickr under the suite, on what it documents and was recorded as XML; below, its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobGranted, JobSubject
from services.collector.reading.network import Answer
from tests.suites.network import (
    CREDENTIAL,
    NOW,
    NetworkSuite,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    reading_of,
    texts_of,
)

DAY = timedelta(days=1)
NSID = "12345678@N07"
ACCOUNT = JobSubject(subject="acc-f", handle="villedelens", native_id=NSID)
NAMED = JobSubject(subject="acc-f", handle="villedelens")
PERSON: dict[str, Any] = {
    "nsid": NSID, "path_alias": "VilleDeLens", "username": {"_content": "lens62"},
    "realname": {"_content": "Ville de Lens"}, "photos": {"count": {"_content": "449"}},
}  # fmt: skip


def photo(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "id": str(number),
        "owner": NSID,
        "title": "Conseil municipal",
        "description": {"_content": "La <b>salle</b> de la #mairie"},
        "dateupload": str(int((NOW - timedelta(days=days)).timestamp())),
        "media": "photo",
        "ispublic": 1,
        "views": "40",
        "count_faves": "3",
        "count_comments": 2,
    } | changes


def page(*photos: dict[str, object], number: int = 1, pages: int = 1) -> Answer:
    told = {"page": number, "pages": pages, "perpage": 500, "total": "9", "photo": list(photos)}
    return answer_of({"photos": told, "stat": "ok"})


def alone(number: int, days: float) -> dict[str, object]:
    uploaded = str(int((NOW - timedelta(days=days)).timestamp()))
    return {
        "photo": {
            "id": str(number),
            "dateuploaded": uploaded,
            "title": {"_content": "Conseil"},
            "views": "41",
            "comments": {"_content": "2"},
            "media": "photo",
        },
        "stat": "ok",
    }


def failed(code: int) -> Answer:
    return answer_of({"stat": "fail", "code": code, "message": "No."})


class TestFlickr(NetworkSuite):
    slug = "flickr"
    causes: ClassVar[Mapping[int, str]] = {
        401: "credential",
        404: "unavailable",
        410: "unavailable",
    }
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://www.flickr.com/photos/VilleDeLens/": "flickr:villedelens",
        "https://www.flickr.com/people/villedelens": "flickr:villedelens",
        "flickr.com/photos/villedelens/albums/72157": "flickr:villedelens",
        "https://www.flickr.com/photos/12345678@N07/": f"flickr:#{NSID}",
        "https://www.flickr.com/photos/villedelens/5123456789/in/photostream": Refusal.POST,
        "https://flic.kr/p/4mdhBE": Refusal.SHORTENER,
        "https://www.flickr.com/groups/lens": Refusal.GROUP,
        "https://www.flickr.com/photos/tags/lens": Refusal.NOT_AN_ACCOUNT,
        "https://www.flickr.com/explore": Refusal.NOT_AN_ACCOUNT,
        "https://www.flickr.com": Refusal.HOME_PAGE,
    }
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (
            job_of("flickr", "profile", ACCOUNT),
            answer_of({"person": PERSON, "stat": "ok"}),
        ),
        "posts": (
            job_of("flickr", "posts", ACCOUNT, since=NOW - 30 * DAY),
            page(photo(3, 1), photo(2, 2, media="video", count_faves="0")),
        ),
        "confirmed": (
            job_of(
                "flickr",
                "readings",
                ACCOUNT.model_copy(update={"posts": (reading_of("3"),)}),
                confirm=True,
            ),
            answer_of(alone(3, 1)),
        ),
    }

    def test_an_account_has_its_photos_and_no_followers(self):
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.posts, account.name, account.handle) == (
            449,
            "Ville de Lens",
            "villedelens",
        )
        assert (account.followers, account.absent["followers"]) == (None, "not_published")

    def test_an_account_known_by_its_name_is_looked_up_first(self):
        job = job_of("flickr", "profile", NAMED)
        asked = dict(self.reader.request(job, CREDENTIAL).params)
        assert asked["method"] == "flickr.urls.lookupUser"
        assert asked["url"].endswith("/photos/villedelens/")
        parsed = self.read(job, {"user": {"id": NSID}, "stat": "ok"})
        assert (parsed.cause, parsed.native_ids, parsed.gone) == ("done", {"acc-f": NSID}, {})

    def test_a_photo_has_its_title_its_text_and_its_counters(self):
        first, second = posts_of(self.parsed("posts"))
        assert (first.likes, first.comments, first.views, first.kind) == (3, 2, 40, "photo")
        assert (second.likes, second.kind) == (0, "video")
        assert texts_of(self.parsed("posts"))[0].text == "Conseil municipal\nLa salle de la #mairie"

    def test_a_photo_alone_says_no_faves(self):
        (post,) = posts_of(self.parsed("confirmed"))
        assert (post.likes, post.absent["likes"], post.views) == (None, "not_asked", 41)

    def test_a_new_name_is_followed(self):
        parsed = self.read("profile", {"person": PERSON | {"path_alias": "lens"}, "stat": "ok"})
        assert parsed.renamed == {"acc-f": "lens"}

    @pytest.mark.parametrize(
        ("code", "cause"),
        [
            (1, "gone"),
            (5, "gone"),
            (100, "credential"),
            (105, "unavailable"),
            (201, "unavailable"),
            (112, "refused"),
        ],
    )
    def test_failures_come_as_200(self, code, cause):
        assert self.reader.read(self.good["profile"][0], failed(code)).cause == cause

    def test_a_photo_that_is_no_longer_public_is_deleted_if_the_api_says_so(self):
        job = self.good["confirmed"][0]
        assert self.reader.read(job, failed(1)).deleted == {"acc-f": ("3",)}
        assert self.reader.read(job, failed(105)).deleted == {}
        assert self.reader.read(job, answer_of("<html>No</html>", 404)).deleted == {}

    def test_pages_go_on_until_the_bound_or_the_end(self):
        job = self.good["posts"][0]
        young, old = (photo(3, 1), photo(2, 2)), (photo(1, 25), photo(0, 40))
        assert self.reader.read(job, page(*young, pages=3)).next_cursor == "2"
        assert self.reader.read(job, page(*young, number=3, pages=3)).next_cursor is None
        assert self.reader.read(job, page(*old, pages=3)).next_cursor is None

    def test_a_due_photo_absent_from_its_page_is_missing(self):
        due = ACCOUNT.model_copy(update={"posts": (reading_of("1", 1.5),)})
        job = job_of("flickr", "posts", due, since=NOW - DAY / 2)
        parsed = self.reader.read(job, page(photo(3, 1), photo(2, 2)))
        assert parsed.missing == {"acc-f": ("1",)}
