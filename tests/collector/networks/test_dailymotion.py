"""Dailymotion under the suite, on what it documents (nothing is recorded); below, its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobSubject
from services.collector.readers.reader import Answer
from tests.suites.network import (
    NOW,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    texts_of,
)
from tests.suites.pages import PagesSuite, good_of

ACCOUNT = JobSubject(subject="acc-d", handle="villedelens", native_id="x1a2b3")
USER: dict[str, Any] = {
    "id": "x1a2b3", "username": "VilleDeLens", "screenname": "Ville de Lens",
    "followers_total": 120, "following_total": 4, "videos_total": 37, "views_total": 51_000,
}  # fmt: skip


def video(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "id": f"x{number}",
        "title": "Conseil municipal",
        "description": "En direct<br />de la #mairie",
        "created_time": int((NOW - timedelta(days=days)).timestamp()),
        "language": "fr",
        "url": f"https://www.dailymotion.com/video/x{number}",
        "owner": "x1a2b3",
        "likes_total": 3,
        "views_total": 40,
    } | changes


def page(*videos: dict[str, object], more: bool = False) -> Answer:
    told = {"page": 1, "limit": 100, "explicit": False, "total": 9}
    return answer_of(told | {"has_more": more, "list": list(videos)})


def problem(status: int, kind: str, message: str = "No.") -> Answer:
    return answer_of({"error": {"code": status, "type": kind, "message": message}}, status)


class TestDailymotion(PagesSuite):
    slug = "dailymotion"
    causes: ClassVar[Mapping[int, str]] = {404: "unavailable", 410: "unavailable"}
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://www.dailymotion.com/VilledeLens": "dailymotion:villedelens",
        "dailymotion.com/fr/ville-de-lens/": "dailymotion:ville-de-lens",
        "http://www.dailymotion.com/user/villedelens/1": "dailymotion:villedelens",
        "https://www.dailymotion.com/villedelens/videos": "dailymotion:villedelens",
        "https://www.dailymotion.com/video/x8abcd": Refusal.POST,
        "https://www.dailymotion.com/embed/video/x8abcd": Refusal.POST,
        "https://www.dailymotion.com/playlist/x5abcd": Refusal.POST,
        "https://dai.ly/x8abcd": Refusal.SHORTENER,
        "https://www.dailymotion.com/": Refusal.HOME_PAGE,
        "https://www.dailymotion.com/search/lens/videos": Refusal.NOT_AN_ACCOUNT,
    }
    good = good_of(
        slug, ACCOUNT, answer_of(USER), page(video(3, 1), video(2, 2, likes_total=None)),
        "x3", answer_of(video(3, 1)),
    )  # fmt: skip
    ids = "x{}"
    post, page, second = staticmethod(video), staticmethod(page), ("page", "2")
    no_more = (problem(404, "not_found"), problem(410, "gone"))
    private = (problem(403, "access_forbidden"),)

    def test_an_account_has_its_counters(self):
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.followers, account.following, account.posts) == (120, 4, 37)
        assert (account.views, account.name) == (51_000, "Ville de Lens")

    def test_a_counter_that_is_left_out_is_not_permitted_one_that_is_null_hidden(self):
        left = {name: value for name, value in USER.items() if name != "views_total"}
        (account,) = accounts_of(self.read("profile", left | {"following_total": None}))
        assert account.absent["views"] == "not_permitted"
        assert account.absent["following"] == "hidden"
        assert account.followers == 120

    def test_a_refused_field_is_asked_for_no_more_and_nothing_else_is(self):
        job = self.good["posts"][0]
        request = self.reader.request(job, None)
        refusal = problem(403, "access_forbidden", "No access to the field `likes_total'.")
        narrower = self.reader.narrowed(request, refusal)
        assert narrower is not None
        asked, left = (set(dict(one.params)["fields"].split(",")) for one in (request, narrower))
        assert asked - left == {"likes_total"}
        assert self.reader.narrowed(narrower, refusal) is None
        assert self.reader.narrowed(request, problem(403, "access_forbidden", "No `id'.")) is None

    def test_a_video_has_its_title_its_text_and_its_counters(self):
        first, second = posts_of(self.parsed("posts"))
        assert (first.likes, first.views, first.kind) == (3, 40, "video")
        assert (first.comments, first.absent["comments"]) == (None, "not_published")
        assert (second.likes, second.absent["likes"]) == (None, "hidden")
        said = texts_of(self.parsed("posts"))[0].text
        assert said == "Conseil municipal\nEn direct\nde la #mairie"
        assert (first.hashtags, first.language) == (("mairie",), "fr")

    def test_an_account_is_asked_by_its_id_else_by_its_name(self):
        known = self.reader.request(self.good["posts"][0], None)
        assert known.url == "https://api.dailymotion.com/user/x1a2b3/videos"
        named = JobSubject(subject="acc-d", handle="villedelens")
        request = self.reader.request(job_of("dailymotion", "profile", named), None)
        assert request.url == "https://api.dailymotion.com/user/villedelens"

    def test_a_new_name_is_followed(self):
        parsed = self.read("profile", USER | {"username": "Lens-Officiel"})
        assert parsed.renamed == {"acc-d": "lens-officiel"}

    def test_a_list_of_a_thousand_goes_on_from_the_date_of_its_last(self):
        job = self.good["posts"][0].model_copy(update={"cursor": "10", "page": 9})
        last = video(2, 2)
        cursor = self.reader.read(job, page(video(3, 1), last, more=True)).next_cursor
        request = self.reader.request(job.model_copy(update={"cursor": cursor}), None)
        params = dict(request.params)
        assert (params["page"], int(params["created_before"])) == ("1", last["created_time"] + 1)

    def test_videos_of_others_are_none_of_ours(self):
        parsed = self.reader.read(self.good["posts"][0], page(video(3, 1, owner="x9"), video(2, 2)))
        assert len(posts_of(parsed)) == 1
        assert parsed.skipped == {"post of somebody else": 1}

    def test_a_profile_that_is_forbidden_is_refused(self):
        forbidden = problem(403, "access_forbidden")
        assert self.reader.read(self.good["profile"][0], forbidden).cause == "refused"

    @pytest.mark.parametrize("seconds", [-(10**12), 10**18, 10**400])
    def test_an_odd_date_drops_its_video_only(self, seconds):
        page_ = page(video(3, 1, created_time=seconds), video(2, 2))
        assert len(posts_of(self.reader.read(self.good["posts"][0], page_))) == 1
