"""Vimeo under the suite, on what it documents (one account is recorded); below, its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from contracts.addresses import Refusal
from contracts.jobs import JobSubject
from services.collector.readers.reader import Answer
from tests.suites.network import (
    CREDENTIAL,
    NOW,
    accounts_of,
    answer_of,
    posts_of,
    texts_of,
)
from tests.suites.pages import PagesSuite, good_of

ACCOUNT = JobSubject(subject="acc-v", handle="villedelens", native_id="123456")
USER: dict[str, Any] = {
    "uri": "/users/123456",
    "name": "Ville de Lens",
    "link": "https://vimeo.com/villedelens",
    "metadata": {"connections": {
        "followers": {"total": 12}, "following": {"total": 3}, "videos": {"total": 8},
    }},
}  # fmt: skip


def video(number: int, days: float, **changes: object) -> dict[str, object]:
    published = (NOW - timedelta(days=days)).isoformat()
    return {
        "uri": f"/videos/{number}",
        "name": "Conseil municipal",
        "description": "En direct de la #mairie",
        "link": f"https://vimeo.com/{number}",
        "language": "fr",
        "created_time": published,
        "release_time": published,
        "user": {"uri": "/users/123456"},
        "privacy": {"view": "anybody"},
        "stats": {"plays": 40},
        "metadata": {"connections": {"likes": {"total": 3}, "comments": {"total": 2}}},
    } | changes


def page(*videos: dict[str, object], more: bool = False) -> Answer:
    paging = {"next": "/users/123456/videos?page=2" if more else None, "previous": None}
    return answer_of({"total": 9, "page": 1, "paging": paging, "data": list(videos)})


def problem(status: int, code: int) -> Answer:
    return answer_of({"error": "No.", "error_code": code, "developer_message": "No."}, status)


class TestVimeo(PagesSuite):
    slug = "vimeo"
    causes: ClassVar[Mapping[int, str]] = {
        401: "credential",
        404: "unavailable",
        410: "unavailable",
    }
    headers = ({"x-ratelimit-remaining": "24"}, 24)
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://vimeo.com/VilleDeLens": "vimeo:villedelens",
        "http://www.vimeo.com/villedelens/videos": "vimeo:villedelens",
        "https://vimeo.com/user1234567": "vimeo:#1234567",
        "https://vimeo.com/user1234567/about": "vimeo:#1234567",
        "https://vimeo.com/123456789": Refusal.POST,
        "https://vimeo.com/123456789/abcdef0123": Refusal.POST,
        "https://vimeo.com/villedelens/123456789": Refusal.POST,
        "https://player.vimeo.com/video/123456789": Refusal.POST,
        "https://vimeo.com/groups/films": Refusal.GROUP,
        "https://vimeo.com/showcase/1234567": Refusal.NOT_AN_ACCOUNT,
        "https://vimeo.com/channels/staffpicks": Refusal.NOT_AN_ACCOUNT,
        "https://vimeo.com": Refusal.HOME_PAGE,
    }
    good = good_of(
        slug, ACCOUNT, answer_of(USER), page(video(3, 1), video(2, 2, stats={"plays": None})),
        "3", answer_of(video(3, 1)),
    )  # fmt: skip
    ids = "{}"
    post, page, second = staticmethod(video), staticmethod(page), ("page", "2")
    no_more, private = (problem(404, 5000), problem(410, 5000)), (problem(403, 3200),)

    def test_an_account_has_its_counters_and_the_name_of_its_link(self):
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.followers, account.following, account.posts) == (12, 3, 8)
        assert (account.handle, account.name) == ("villedelens", "Ville de Lens")
        parsed = self.read("profile", USER | {"link": "https://vimeo.com/LensOfficiel"})
        assert parsed.renamed == {"acc-v": "lensofficiel"}

    def test_a_name_taken_by_another_account_is_nobody_s(self):
        parsed = self.read("profile", USER | {"uri": "/users/9"})
        assert (parsed.cause, accounts_of(parsed)) == ("gone", [])

    def test_plays_may_be_hidden_and_comments_closed(self):
        first, second = posts_of(self.parsed("posts"))
        assert (first.likes, first.comments, first.views, first.kind) == (3, 2, 40, "video")
        assert (second.views, second.absent["views"], second.likes) == (None, "hidden", 3)
        closed = {"connections": {"likes": {"total": 1}, "comments": None}}
        job = self.good["posts"][0]
        (post,) = posts_of(self.reader.read(job, page(video(3, 1, metadata=closed))))
        assert (post.comments, post.absent["comments"], post.likes) == (None, "hidden", 1)

    def test_a_video_has_its_title_and_its_text(self):
        said = texts_of(self.parsed("posts"))[0]
        assert said.text == "Conseil municipal\nEn direct de la #mairie"
        first = posts_of(self.parsed("posts"))[0]
        assert (first.hashtags, first.language) == (("mairie",), "fr")

    def test_the_fields_are_always_named_and_the_token_travels_in_a_header(self):
        for job, _ in self.good.values():
            request = self.reader.request(job, CREDENTIAL)
            assert dict(request.params)["fields"]
            assert request.secret_headers == (("Authorization", f"bearer {CREDENTIAL.token}"),)

    def test_what_is_not_for_all_or_of_others_is_skipped(self):
        locked, other = {"view": "password"}, {"uri": "/users/9"}
        body = page(video(3, 1, privacy=locked), video(2, 2), video(1, 3, user=other))
        parsed = self.reader.read(self.good["posts"][0], body)
        assert [post.native_id for post in posts_of(parsed)] == ["2"]
        assert parsed.skipped == {"not public": 1, "post of somebody else": 1}

    def test_pages_are_numbered(self):
        second = self.good["posts"][0].model_copy(update={"cursor": "2", "page": 1})
        assert self.reader.read(second, page(video(3, 1), more=True)).next_cursor == "3"

    def test_a_token_that_is_refused_is_a_credential_s(self):
        assert self.reader.read(self.good["profile"][0], problem(401, 8003)).cause == "credential"

    def test_the_reset_is_a_date(self):
        reset = NOW + timedelta(seconds=40)
        answer = answer_of({"error": "", "error_code": 9000}, 429, x_ratelimit_reset=str(reset))
        assert self.reader.read(self.good["posts"][0], answer).retry_at == reset
