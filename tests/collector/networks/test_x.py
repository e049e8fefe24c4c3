"""X under the suite, on what it documents; below, its own, and what is paid for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobGranted, JobSubject
from contracts.networks import BY_SLUG
from services.collector.networks.x import NAMES, Users
from services.collector.networks.x import Posts as Page
from services.collector.planning.granting import cost_of
from services.collector.readers.reader import Answer
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
PROBLEMS = "https://api.x.com/2/problems/"
ACCOUNT = JobSubject(subject="acc-x", handle="villedelens", native_id="2244994945")
OTHER = JobSubject(subject="acc-y", handle="gone", native_id="9")
NAMED = JobSubject(subject="acc-x", handle="villedelens")
USER: dict[str, Any] = {
    "id": "2244994945", "username": "VilleDeLens", "name": "Ville de Lens", "protected": False,
    "public_metrics": {"followers_count": 514, "following_count": 20, "tweet_count": 363,
                       "listed_count": 16},
}  # fmt: skip


def post(number: int, days: float, **changes: object) -> dict[str, object]:
    published = NOW - timedelta(days=days)
    return {
        "id": str(number),
        "text": "Travaux rue A &amp; rue B #Mairie",
        "created_at": f"{published:%Y-%m-%dT%H:%M:%S}.000Z",
        "lang": "fr",
        "entities": {"hashtags": [{"start": 1, "end": 8, "tag": "Mairie"}]},
        "public_metrics": {"retweet_count": 3, "reply_count": 2, "like_count": 8, "quote_count": 1,
                           "bookmark_count": 4, "impression_count": 900},
    } | changes  # fmt: skip


def absent(value: str, kind: str = "resource-not-found", **said: str) -> dict[str, str]:
    about = {"title": "Not Found Error", "detail": f"Could not find: [{value}]."} | said
    return {"value": value, "resource_id": value, "type": f"{PROBLEMS}{kind}"} | about


def page(*posts: dict[str, object], token: str | None = None) -> Answer:
    meta = {"result_count": len(posts)} | ({"next_token": token} if token else {})
    return answer_of({"meta": meta} | ({"data": list(posts)} if posts else {}))


def problem(status: int, kind: str) -> Answer:
    body = {"title": "No.", "detail": "No.", "type": f"{PROBLEMS}{kind}", "status": status}
    return answer_of(body, status)


class TestX(NetworkSuite):
    slug = "x"
    causes: ClassVar[Mapping[int, str]] = {
        401: "credential",
        402: "rate_limited",
        404: "unavailable",
        410: "unavailable",
    }
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://twitter.com/intent/user?screen_name=VilleDeLens": "x:villedelens",
        "https://x.com/VilleDeLens/media": "x:villedelens",
    }
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (job_of("x", "profile", ACCOUNT), answer_of({"data": [USER]})),
        "posts": (
            job_of("x", "posts", ACCOUNT, since=NOW - 30 * DAY),
            page(post(3, 1), post(2, 2)),
        ),
        "readings": (
            job_of("x", "readings", ACCOUNT.model_copy(update={"posts": (reading_of("3", 1),)})),
            answer_of({"data": [post(3, 1)]}),
        ),
    }

    def test_an_account_has_its_counters_and_follows_a_new_name(self):
        (account,) = accounts_of(self.parsed("profile"))
        assert (account.followers, account.following, account.posts) == (514, 20, 363)
        assert (account.handle, account.name) == ("villedelens", "Ville de Lens")
        parsed = self.read("profile", {"data": [USER | {"username": "Lens_Officiel"}]})
        assert parsed.renamed == {"acc-x": "lens_officiel"}

    def test_an_account_known_by_its_name_is_looked_up_by_it(self):
        job = job_of("x", "profile", NAMED)
        request = self.reader.request(job, CREDENTIAL)
        assert (request.url.rpartition("/2/")[2], dict(request.params)["usernames"]) == (
            "users/by",
            "villedelens",
        )
        assert self.read(job, {"data": [USER]}).native_ids == {"acc-x": "2244994945"}

    def test_the_names_that_are_coming_are_read_too(self):
        metrics = {"followers_count": 5, "following_count": 1, "post_count": 7}
        parsed = self.read("profile", {"data": [USER | {"public_metrics": metrics}]})
        assert accounts_of(parsed)[0].posts == 7
        metrics = {"repost_count": 6, "reply_count": 2, "like_count": 8, "quote_count": 1}
        job = self.good["posts"][0]
        (seen,) = posts_of(self.reader.read(job, page(post(3, 1, public_metrics=metrics))))
        assert (seen.shares, seen.views, seen.absent["views"]) == (6, None, "not_published")

    def test_the_other_name_of_fields_is_asked_where_one_is_refused(self):
        request = self.reader.request(self.good["posts"][0], CREDENTIAL)
        refusal = answer_of({"errors": [{"message": "unknown parameter [tweet.fields]"}]}, 400)
        other = self.reader.narrowed(request, refusal)
        assert other is not None
        assert "public_metrics" in dict(other.params)["post.fields"]
        assert "tweet.fields" not in dict(other.params)
        assert self.reader.narrowed(other, refusal) is None
        assert self.reader.narrowed(request, problem(400, "invalid-request")) is None

    def test_impressions_are_views_and_no_interaction(self):
        (seen, _) = posts_of(self.parsed("posts"))
        assert (seen.likes, seen.comments, seen.shares, seen.quotes) == (8, 2, 3, 1)
        assert seen.views == 900
        assert "views" not in BY_SLUG["x"].interactions

    def test_a_text_is_plain_and_has_its_hashtags(self):
        assert texts_of(self.parsed("posts"))[0].text == "Travaux rue A & rue B #Mairie"
        assert posts_of(self.parsed("posts"))[0].hashtags == ("mairie",)

    @pytest.mark.parametrize(
        ("keys", "kind"),
        [(["3_1"], "photo"), (["3_1", "3_2"], "album"), (["7_1"], "video"), (["99_1"], "other")],
    )
    def test_a_post_is_of_the_kind_of_what_it_shows(self, keys, kind):
        job, attached = self.good["posts"][0], {"media_keys": keys}
        (seen,) = posts_of(self.reader.read(job, page(post(3, 1, attachments=attached))))
        assert seen.kind == kind

    def test_of_a_batch_who_is_not_found_is_gone_and_the_others_are_read(self):
        job = job_of("x", "profile", ACCOUNT, OTHER)
        suspended = absent("9", title="Forbidden", detail="User has been suspended: [9].")
        parsed = self.read(job, {"data": [USER], "errors": [suspended]})
        assert [one.account for one in accounts_of(parsed)] == ["acc-x"]
        assert list(parsed.gone) == ["acc-y"]
        assert parsed.absences == {"acc-y": "suspended"}

    def test_a_protected_account_is_refused_and_not_gone(self):
        body = {"errors": [absent("2244994945", "not-authorized-for-resource")]}
        parsed = self.read("posts", body)
        assert (parsed.cause, parsed.gone) == ("refused", {})
        assert parsed.absences == {"acc-x": "private"}

    def test_a_protected_account_is_read_and_says_so(self):
        parsed = self.read("profile", {"data": [USER | {"protected": True}]})
        assert len(accounts_of(parsed)) == 1
        assert (parsed.cause, parsed.absences) == ("done", {"acc-x": "private"})

    def test_somebody_else_s_post_is_not_the_account_s(self):
        assert (
            "author_id" in dict(self.reader.request(self.good["posts"][0], None).params)[NAMES[0]]
        )
        own = ACCOUNT.native_id
        parsed = self.reader.read(
            self.good["posts"][0], page(post(3, 1, author_id="9"), post(2, 2, author_id=own))
        )
        assert [one.native_id for one in posts_of(parsed)] == ["2"]

    def test_an_account_without_new_posts_is_read(self):
        parsed = self.reader.read(self.good["posts"][0], page())
        assert (parsed.cause, parsed.events) == ("done", ())

    def test_a_post_that_is_not_found_is_missing_then_deleted_and_one_not_shown_is_neither(self):
        known = ACCOUNT.model_copy(update={"posts": (reading_of("3"), reading_of("2"))})
        body = {
            "data": [post(2, 2)],
            "errors": [absent("3")],
        }
        job = job_of("x", "readings", known)
        assert self.read(job, body).missing == {"acc-x": ("3",)}
        confirm = job.model_copy(update={"confirm": True})
        assert self.read(confirm, body).deleted == {"acc-x": ("3",)}
        shut = body | {"errors": [absent("3", "not-authorized-for-resource")]}
        parsed = self.read(confirm, shut)
        assert (parsed.deleted, parsed.missing) == ({}, {})

    def test_pages_go_on_by_their_token(self):
        job = self.good["posts"][0]
        assert self.reader.read(job, page(post(3, 1), token="t3")).next_cursor == "t3"
        later = dict(
            self.reader.request(job.model_copy(update={"cursor": "t3"}), CREDENTIAL).params
        )
        assert later["pagination_token"] == "t3"
        assert (later["exclude"], later["start_time"]) == (
            "replies,retweets",
            f"{NOW - 30 * DAY:%Y-%m-%dT%H:%M:%SZ}",
        )

    def test_who_has_no_credits_waits(self):
        job = self.good["posts"][0]
        for answer in (problem(429, "usage-capped"), answer_of({"title": "CreditsDepleted"}, 402)):
            parsed = self.reader.read(job, answer)
            assert (parsed.cause, parsed.retry_at) == ("rate_limited", NOW + timedelta(hours=1))

    def test_a_page_that_is_not_there_is_gone_only_if_the_api_says_so(self):
        job = self.good["posts"][0]
        assert self.reader.read(job, problem(404, "resource-not-found")).cause == "gone"
        assert self.reader.read(job, answer_of("<html>404</html>", 404)).cause == "unavailable"

    def test_what_is_asked_is_paid_by_the_object(self):
        network = BY_SLUG["x"]
        known = ACCOUNT.model_copy(update={"posts": (reading_of("3"), reading_of("2"))})
        assert cost_of(network, "profile", [ACCOUNT, OTHER]) == 4
        assert cost_of(network, "posts", [ACCOUNT]) == network.page_size
        assert cost_of(network, "readings", [known]) == 2


def test_answers_are_those_of_the_published_description():
    """Field by field where X's own client is there (`pip install xdk`): it is no part of ours."""
    schemas = pytest.importorskip("xdk.schemas")
    ours = {
        "UserPublicMetrics": ("followers_count", "following_count"),
        "PostPublicMetrics": ("like_count", "reply_count", "quote_count", "impression_count"),
        "User": ("id", "username", "name", "protected", "public_metrics"),
        "Post": ("id", "text", "created_at", "lang", "public_metrics", "attachments", "entities"),
    }
    for name, fields in ours.items():
        assert set(fields) <= getattr(schemas, name).model_fields.keys(), name
    counters = USER["public_metrics"] | {"post_count": 363}
    assert schemas.User.model_validate(USER | {"public_metrics": counters}).id == USER["id"]
    assert Users.__struct_fields__ == ("data", "errors")
    assert "meta" in Page.__struct_fields__
