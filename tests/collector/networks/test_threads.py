"""Threads under the suite, on what it documents (nothing is recorded); below, its own."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobGranted, JobSubject, owner_bucket
from services.collector.networks import reader_of
from services.collector.readers.reader import Answer, Credential, asked_no_more
from tests.suites.graph import USAGE
from tests.suites.network import (
    CREDENTIAL,
    NOW,
    NetworkSuite,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    texts_of,
)

DAY = timedelta(days=1)
ACCOUNT = JobSubject(subject="acc-t", handle="villedelens")
PROFILE = {"username": "VilleDeLens", "name": "Ville de Lens", "follower_count": 1520}


def post(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "id": str(number),
        "text": "Le marché de #Lens",
        "permalink": f"https://www.threads.net/@villedelens/post/C{number}",
        "timestamp": f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%S}+0000",
        "media_type": "IMAGE",
        "username": "villedelens",
        "is_quote_post": False,
    } | changes


def page(*posts: dict[str, object], after: str | None = None) -> Answer:
    paging = {"paging": {"cursors": {"after": after}}} if after else {}
    return answer_of({"data": list(posts)} | paging)


def refusal(code: int, message: str = "No.") -> Answer:
    return answer_of({"error": {"message": message, "type": "OAuthException", "code": code}}, 400)


class TestThreads(NetworkSuite):
    slug = "threads"
    causes: ClassVar[Mapping[int, str]] = {401: "credential", 404: "refused", 410: "refused"}
    headers = (USAGE[0], 250)
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://www.threads.net/@VilleDeLens": "threads:villedelens",
        "https://threads.com/@ville.de_lens": "threads:ville.de_lens",
        "https://www.threads.net/@villedelens/post/C1": Refusal.POST,
        "https://www.threads.net/intent/post?text=a": Refusal.SHARE_BUTTON,
    }
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (job_of("threads", "profile", ACCOUNT), answer_of(PROFILE)),
        "posts": (
            job_of("threads", "posts", ACCOUNT, since=NOW - 30 * DAY),
            page(post(3, 1), post(2, 2, media_type="TEXT_POST", topic_tag="Lens")),
        ),
    }

    def test_an_account_has_followers_and_nothing_else(self):
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.followers, account.handle) == (1520, "villedelens")
        assert (account.native_id, account.following) == (None, None)
        assert account.absent["following"] == "not_published"

    def test_counters_of_a_post_are_its_owner_s(self):
        first, second = posts_of(self.parsed("posts"))
        assert {first.likes, first.comments, first.shares, first.quotes, first.views} == {None}
        assert set(first.absent.values()) == {"not_permitted"}
        assert (first.kind, second.kind, second.hashtags) == ("photo", "text", ("lens",))
        assert texts_of(self.parsed("posts"))[0].text == "Le marché de #Lens"

    @pytest.mark.parametrize("code", [100, 24, 110])
    def test_who_is_not_shown_may_be_too_small_and_is_not_gone(self, code):
        job = self.good["profile"][0]
        parsed = self.reader.read(job, refusal(code, "does not exist or cannot be looked up"))
        assert (parsed.cause, parsed.gone) == ("refused", {})

    @pytest.mark.parametrize(
        ("code", "cause"), [(190, "credential"), (4, "rate_limited"), (10, "refused")]
    )
    def test_errors_are_those_of_the_graph_api(self, code, cause):
        assert self.reader.read(self.good["profile"][0], refusal(code)).cause == cause

    def test_reposts_are_somebody_else_s(self):
        body = page(post(3, 1, media_type="REPOST_FACADE"), post(2, 2))
        parsed = self.reader.read(self.good["posts"][0], body)
        assert [one.native_id for one in posts_of(parsed)] == ["2"]

    def test_somebody_else_s_post_is_not_the_account_s(self):
        body = page(post(3, 1, username="quelquun"), post(2, 2, username="VilleDeLens"))
        parsed = self.reader.read(self.good["posts"][0], body)
        assert [one.native_id for one in posts_of(parsed)] == ["2"]

    def test_pages_go_on_until_the_bound_or_the_end(self):
        job = self.good["posts"][0]
        assert self.reader.read(job, page(post(3, 1), after="c3")).next_cursor == "c3"
        assert self.reader.read(job, page(post(3, 40), after="c3")).next_cursor is None
        later = job.model_copy(update={"cursor": "c3"})
        assert dict(self.reader.request(later, CREDENTIAL).params)["after"] == "c3"

    def test_a_field_that_is_refused_is_asked_no_more_and_the_others_are(self):
        for name, field in (("profile", "follower_count"), ("posts", "topic_tag")):
            request = self.reader.request(self.good[name][0], CREDENTIAL)
            body = refusal(100, f"(#100) Tried accessing nonexisting field ({field}) on node type")
            narrower = self.reader.narrowed(request, body)
            assert narrower is not None
            assert asked_no_more(request, narrower) == [field]


class TestOwned:
    """What its owner connected is asked by her token: of her own, whatever its size."""

    reader = reader_of("threads")
    bucket = owner_bucket("threads", "acc-t")

    def test_followers_are_an_insight_of_hers(self):
        job = job_of("threads", "profile", ACCOUNT, bucket=self.bucket)
        request = self.reader.request(job, Credential("owner of acc-t", "t0k3n"))
        assert request.url.endswith("/me/threads_insights")
        assert (dict(request.params), dict(request.secret_headers)) == (
            {"metric": "followers_count"}, {"Authorization": "Bearer t0k3n"},
        )  # fmt: skip
        told = {"name": "followers_count", "period": "day", "total_value": {"value": 42}}
        (account,) = accounts_of(self.reader.read(job, answer_of({"data": [told]})))
        assert (account.followers, account.handle) == (42, "villedelens")

    def test_an_insight_that_is_not_given_is_no_zero(self):
        job = job_of("threads", "profile", ACCOUNT, bucket=self.bucket)
        (account,) = accounts_of(self.reader.read(job, answer_of({"data": []})))
        assert (account.followers, account.absent["followers"]) == (None, "hidden")

    def test_her_posts_are_hers_and_their_counters_not_asked(self):
        job = job_of("threads", "posts", ACCOUNT, since=NOW - 30 * DAY, bucket=self.bucket)
        request = self.reader.request(job, CREDENTIAL)
        assert request.url.endswith("/me/threads")
        assert "username" not in dict(request.params)
        (found,) = posts_of(self.reader.read(job, page(post(3, 1))))
        assert set(found.absent.values()) == {"not_asked"}
