"""TikTok under the suite, on what it documents (nothing is recorded); below, its own."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobGranted, JobSubject, owner_bucket
from services.collector.readers.reader import Answer, Credential, asked_no_more
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
ACCOUNT = JobSubject(subject="acc-t", handle="villedelens")
BUCKET = owner_bucket("tiktok", "acc-t")
USER = {
    "username": "VilleDeLens",
    "display_name": "Ville de Lens",
    "follower_count": 1520,
    "following_count": 12,
    "video_count": 96,
}


def said(data: object, code: str = "ok", status: int = 200) -> Answer:
    error = {"code": code, "message": "" if code == "ok" else "No.", "log_id": "1"}
    return answer_of({"data": data, "error": error}, status)


def video(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "id": str(7_000_000_000_000_000_000 + number),
        "create_time": int((NOW - timedelta(days=days)).timestamp()),
        "share_url": f"https://www.tiktok.com/@villedelens/video/{number}",
        "title": "",
        "video_description": "Le marché de #Lens",
        "like_count": 40,
        "comment_count": 3,
        "share_count": 2,
        "view_count": 900,
    } | changes


def page(*videos: dict[str, object], cursor: int | None = None, more: bool = False) -> Answer:
    return said({"videos": list(videos), "cursor": cursor, "has_more": more})


def known(*numbers: int) -> JobSubject:
    posts = tuple(reading_of(str(7_000_000_000_000_000_000 + one), 2) for one in numbers)
    return ACCOUNT.model_copy(update={"posts": posts})


class TestTikTok(NetworkSuite):
    slug = "tiktok"
    causes: ClassVar[Mapping[int, str]] = {401: "credential", 404: "refused", 410: "refused"}
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://www.tiktok.com/@VilleDeLens": "tiktok:villedelens",
        "https://www.tiktok.com/@villedelens/video/7": Refusal.POST,
        "https://vm.tiktok.com/ZM12345/": Refusal.SHORTENER,
    }
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (job_of("tiktok", "profile", ACCOUNT, bucket=BUCKET), said({"user": USER})),
        "posts": (
            job_of("tiktok", "posts", ACCOUNT, since=NOW - 30 * DAY, bucket=BUCKET),
            page(video(3, 1), video(2, 2)),
        ),
        "readings": (
            job_of("tiktok", "readings", known(3, 2), bucket=BUCKET),
            page(video(3, 2), video(2, 2)),
        ),
    }

    def test_an_account_is_that_of_the_token_and_its_id_is_not_kept(self):
        request = self.reader.request(self.good["profile"][0], Credential("hers", "t0k3n"))
        assert dict(request.secret_headers) == {"Authorization": "Bearer t0k3n"}
        assert "villedelens" not in f"{request.url}{request.params}"
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.followers, account.following, account.posts) == (1520, 12, 96)
        assert (account.handle, account.native_id) == ("villedelens", None)

    def test_a_name_that_changed_is_learnt_from_the_answer(self):
        other = said({"user": USER | {"username": "lens_officiel"}})
        parsed = self.reader.read(self.good["profile"][0], other)
        assert parsed.renamed == {"acc-t": "lens_officiel"}

    def test_a_figure_that_the_owner_did_not_let_us_have_is_no_zero(self):
        parsed = self.reader.read(self.good["profile"][0], said({"user": {"username": "lens"}}))
        (account,) = accounts_of(parsed)
        assert (account.followers, account.absent["followers"]) == (None, "not_permitted")

    def test_counters_and_words_of_a_video(self):
        first, _ = posts_of(self.parsed("posts"))
        assert (first.likes, first.comments, first.shares, first.views) == (40, 3, 2, 900)
        assert (first.quotes, first.absent["quotes"]) == (None, "not_published")
        assert (first.kind, first.hashtags) == ("video", ("lens",))
        assert texts_of(self.parsed("posts"))[0].text == "Le marché de #Lens"

    def test_pages_go_on_until_the_bound_or_the_end(self):
        job = self.good["posts"][0]
        young = page(video(3, 1), cursor=1_700_000_000_000, more=True)
        assert self.reader.read(job, young).next_cursor == "1700000000000"
        old = page(video(3, 40), cursor=1_700_000_000_000, more=True)
        assert self.reader.read(job, old).next_cursor is None
        assert self.reader.read(job, page(video(3, 1), cursor=1)).next_cursor is None
        later = self.reader.request(job.model_copy(update={"cursor": "1700"}), CREDENTIAL)
        assert json.loads(later.body) == {"max_count": 20, "cursor": 1700}
        assert later.method == "POST"

    def test_known_videos_are_asked_for_together_and_one_that_is_not_given_is_missing(self):
        job = self.good["readings"][0]
        ids = [post.native_id for post in job.subjects[0].posts]
        asked = json.loads(self.reader.request(job, CREDENTIAL).body)
        assert asked == {"filters": {"video_ids": ids}}
        parsed = self.reader.read(job, page(video(3, 2)))
        assert parsed.missing == {"acc-t": (ids[1],)}
        again = job.model_copy(update={"confirm": True})
        assert self.reader.read(again, page(video(3, 2))).deleted == {"acc-t": (ids[1],)}

    @pytest.mark.parametrize("status", [200, 400, 403])
    @pytest.mark.parametrize(
        ("code", "cause"),
        [
            ("access_token_invalid", "credential"),
            ("scope_not_authorized", "refused"),
            ("rate_limit_exceeded", "rate_limited"),
            ("internal_error", "unavailable"),
            ("invalid_params", "refused"),
        ],
    )
    def test_a_code_says_what_an_error_asks_for_whatever_its_status(self, code, cause, status):
        for job, _ in self.good.values():
            parsed = self.reader.read(job, said({}, code, status))
            assert (parsed.cause, parsed.gone, parsed.deleted) == (cause, {}, {})

    def test_a_field_that_is_refused_is_asked_no_more_and_the_others_are(self):
        request = self.reader.request(self.good["posts"][0], CREDENTIAL)
        body = answer_of({"error": {"code": "invalid_params", "message": "view_count"}}, 400)
        narrower = self.reader.narrowed(request, body)
        assert narrower is not None
        assert asked_no_more(request, narrower) == ["view_count"]
