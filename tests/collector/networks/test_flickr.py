"""Flickr under the suite, on what it documents and was recorded as XML; below, its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobSubject
from services.collector.readers.reader import Answer
from tests.suites.network import (
    CREDENTIAL,
    NOW,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    texts_of,
)
from tests.suites.pages import PagesSuite, good_of

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


def page(*photos: dict[str, object], more: bool = False) -> Answer:
    told = {
        "page": 1,
        "pages": 3 if more else 1,
        "perpage": 500,
        "total": "9",
        "photo": list(photos),
    }
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


class TestFlickr(PagesSuite):
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
    good = good_of(
        slug, ACCOUNT, answer_of({"person": PERSON, "stat": "ok"}),
        page(photo(3, 1), photo(2, 2, media="video", count_faves="0")),
        "3", answer_of(alone(3, 1)),
    )  # fmt: skip
    ids = "{}"
    post, page, second = staticmethod(photo), staticmethod(page), ("page", "2")
    no_more = (failed(1),)

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

    def test_somebody_else_s_photo_is_not_the_account_s(self):
        body = page(photo(3, 1, owner="9@N00"), photo(2, 2, owner=NSID))
        parsed = self.reader.read(self.good["posts"][0], body)
        assert [one.native_id for one in posts_of(parsed)] == ["2"]

    def test_a_photo_alone_says_no_faves(self):
        (post,) = posts_of(self.parsed("confirmed"))
        assert (post.likes, post.absent["likes"], post.views) == (None, "not_asked", 41)

    def test_a_failure_that_says_nothing_of_a_photo_does_not_delete_it(self):
        assert self.reader.read(self.good["confirmed"][0], failed(105)).deleted == {}

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

    @pytest.mark.parametrize(("code", "absence"), [(1, "not_found"), (5, "deleted")])
    def test_an_account_that_was_deleted_is_said_to_be(self, code, absence):
        parsed = self.reader.read(self.good["profile"][0], failed(code))
        assert (parsed.cause, set(parsed.absences.values())) == ("gone", {absence})
