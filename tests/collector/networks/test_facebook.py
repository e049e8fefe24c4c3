"""Facebook under the suite, on what it documents; below, what is its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from contracts.jobs import JobGranted, JobSubject
from services.collector.readers.reader import Answer
from tests.suites.graph import GraphSuite
from tests.suites.network import NOW, accounts_of, answer_of, job_of, posts_of, reading_of, texts_of

DAY = timedelta(days=1)
MONTH = NOW - 30 * DAY

PAGE = JobSubject(subject="acc-p", handle="villex", native_id="2053")


def page_post(name: str, days: float, **changes: object) -> dict[str, object]:
    at = (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {
        "id": f"2053_{name}", "message": "Marché", "created_time": at,
        "permalink_url": "https://www.facebook.com/x", "status_type": "added_photos",
        "reactions": {"data": [], "summary": {"total_count": 5}},
        "comments": {"data": [], "summary": {"total_count": 1}}, "shares": {"count": 2},
    } | changes  # fmt: skip


class TestFacebook(GraphSuite):
    slug = "facebook"
    takes_empty = True
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (
            job_of("facebook", "profile", PAGE),
            answer_of(
                {
                    "id": "2053",
                    "name": "Ville",
                    "username": "villex",
                    "fan_count": 90,
                    "followers_count": 100,
                }
            ),
        ),
        "posts": (
            job_of("facebook", "posts", PAGE, since=MONTH),
            answer_of(
                {
                    "data": [page_post("1", 1)],
                    "paging": {
                        "cursors": {"after": "A"},
                        "next": "https://graph.facebook.com/v25.0/x?access_token=s3cr3t-t0k3n&after=A",
                    },
                }
            ),
        ),
        "readings": (
            job_of(
                "facebook", "readings", PAGE.model_copy(update={"posts": (reading_of("2053_1"),)})
            ),
            answer_of({"2053_1": page_post("1", 1)}),
        ),
    }

    def test_followers_and_fans_are_two_counters(self):
        account = accounts_of(self.parsed("profile"))[0]
        assert (account.followers, account.likes) == (100, 90)

    def test_absent_followers_are_null_and_fans_no_substitute(self):
        body = {"id": "2053", "username": "villex", "fan_count": 90}
        account = accounts_of(self.read("profile", body))[0]
        assert (account.followers, account.absent["followers"], account.likes) == (
            None,
            "not_asked",
            90,
        )

    def test_absent_shares_are_zero_when_the_other_counters_are_given(self):
        job, _ = self.good["posts"]
        one = page_post("1", 1)
        del one["shares"]
        assert posts_of(self.read(job, {"data": [one]}))[0].shares == 0
        del one["reactions"]
        bare = posts_of(self.read(job, {"data": [one]}))[0]
        assert (bare.shares, bare.absent["shares"]) == (None, "not_permitted")

    def test_the_next_page_is_a_cursor_never_the_address_that_holds_the_token(self):
        parsed = self.parsed("posts")
        assert parsed.next_cursor == "A"
        assert "s3cr3t" not in repr(parsed)

    def test_several_pages_are_asked_for_at_once_by_their_ids(self):
        other = JobSubject(subject="acc-q", handle="other", native_id="99")
        job = job_of("facebook", "profile", PAGE, other)
        assert ("ids", "2053,99") in self.reader.request(job, None).params
        parsed = self.read(job, {"2053": {"id": "2053", "fan_count": 1}})
        assert list(parsed.gone) == ["acc-q"]

    def test_a_missing_permission_is_refused_and_an_absent_page_gone(self):
        job, _ = self.good["profile"]
        for message, cause in (
            ("(#100) Object does not exist, cannot be loaded … or reviewable feature", "refused"),
            (
                "Unsupported get request. Object with ID '1' does not exist, cannot be loaded",
                "gone",
            ),
        ):
            body = {"error": {"message": message, "code": 100}}
            assert self.read(job, body, 400).cause == cause

    @pytest.mark.parametrize(
        ("code", "message", "absence"),
        [
            (803, "(#803) Some of the aliases you requested do not exist: 2", "not_found"),
            (
                21,
                "(#21) Page ID 2 was migrated to page ID 7",
                "moved",
            ),
        ],
    )
    def test_one_absent_page_says_nothing_of_its_neighbours(self, code, message, absence):
        others = [JobSubject(subject=f"acc-{n}", handle=f"p{n}", native_id=str(n)) for n in (1, 2)]
        body = {"error": {"message": message, "code": code}}
        batch = self.read(job_of("facebook", "profile", PAGE, *others), body, 400)
        assert (batch.gone, batch.alone) == ({}, ("acc-p", "acc-1", "acc-2"))
        alone = self.read(job_of("facebook", "profile", others[1]), body, 400)
        assert (list(alone.gone), alone.alone) == (["acc-2"], ())
        assert alone.absences == {"acc-2": absence}

    @pytest.mark.parametrize(("code", "subcode"), [(100, 33), (100, None)])
    def test_absent_or_not_permitted_is_neither_gone_nor_deleted(self, code, subcode):
        message = (
            "Unsupported get request. Object with ID '2053' does not exist, cannot be loaded due to"
            " missing permissions, or does not support this operation."
        )
        error = {"message": message, "code": code, "error_subcode": subcode}
        answer = answer_of({"error": error}, 400)
        page = self.reader.read(self.good["profile"][0], answer)
        assert (page.cause, page.gone) == ("refused", {})
        job = self.good["readings"][0].model_copy(update={"confirm": True})
        post = self.reader.read(job, answer)
        assert (post.cause, post.deleted, post.missing, posts_of(post)) == ("done", {}, {}, [])
        # Left until its next age: what says nothing is not asked at once again.
        assert [one.read_at for one in post.readings["acc-p"]] == [NOW]

    def test_half_a_sign_spoils_neither_its_text_nor_the_page(self):
        body = {"data": [page_post("1", 1, message="Fête \ud83d"), page_post("2", 1)]}
        parsed = self.read("posts", body)
        assert [text.text for text in texts_of(parsed)] == ["Fête \ufffd", "Marché"]

    def test_a_counter_below_zero_is_hidden(self):
        likes = {"data": [], "summary": {"total_count": -1}}
        body = {"data": [page_post("1", 1, reactions=likes), page_post("2", 1)]}
        first, second = posts_of(self.read("posts", body))
        assert (first.likes, first.absent["likes"], first.comments) == (None, "hidden", 1)
        assert second.likes == 5

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x", "http:"])
    def test_only_addresses_of_the_web_are_kept(self, address):
        body = {"data": [page_post("1", 1, permalink_url=address)]}
        assert posts_of(self.read("posts", body))[0].address is None

    @pytest.mark.parametrize("confirm", [False, True])
    def test_a_post_that_is_no_more_is_no_fact_about_the_page(self, confirm):
        job = self.good["readings"][0].model_copy(update={"confirm": confirm})
        message = "Unsupported get request. Object with ID '2053_1' does not exist"
        body = {"error": {"message": message, "code": 100}}
        parsed = self.read(job, body, 400)
        assert (parsed.cause, parsed.gone) == ("done", {})
        assert (parsed.deleted, parsed.missing) == ({}, {} if confirm else {"acc-p": ("2053_1",)})

    def test_a_post_is_deleted_when_the_page_lists_its_hour_without_it(self):
        job = self.good["readings"][0].model_copy(update={"confirm": True})
        asked = dict(self.reader.request(job, None).params)
        published = job.subjects[0].posts[0].published_at.timestamp()
        assert int(asked["since"]) < published < int(asked["until"])
        listed = answer_of({"data": [page_post("2", 1)]})
        assert self.reader.read(job, listed).deleted == {"acc-p": ("2053_1",)}
        there = answer_of({"data": [page_post("1", 1)]})
        assert self.reader.read(job, there).deleted == {}
        assert posts_of(self.reader.read(job, there))[0].likes == 5
