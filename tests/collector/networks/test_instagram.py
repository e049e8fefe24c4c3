"""Instagram under the suite, on what it documents; below, what is its own."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from contracts.jobs import JobGranted, JobSubject
from services.collector.readers.reader import Answer
from tests.suites.graph import GraphSuite
from tests.suites.network import (
    CREDENTIAL,
    NOW,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    reading_of,
)

DAY = timedelta(days=1)
MONTH = NOW - 30 * DAY

INSTA = JobSubject(subject="acc-i", handle="mairie_x", native_id="1784")


def media(name: str, days: float, **changes: object) -> dict[str, object]:
    at = (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {
        "id": name,
        "caption": "Marché #Essai",
        "permalink": f"https://www.instagram.com/p/{name}/",
        "timestamp": at,
        "media_type": "IMAGE",
        "like_count": 87,
        "comments_count": 11,
    } | changes


def discovery(*found: dict[str, object], after: str | None = None, **changes: object) -> str:
    page: dict[str, object] = {"data": list(found)}
    if after:
        page["paging"] = {"cursors": {"after": after}}
    account = {
        "id": "1784", "username": "mairie_x", "name": "Mairie", "followers_count": 5120,
        "follows_count": 12, "media_count": 830, "media": page,
    } | changes  # fmt: skip
    return json.dumps({"business_discovery": account, "id": "17840000000000001"})


class TestInstagram(GraphSuite):
    slug = "instagram"
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "posts": (
            job_of("instagram", "posts", INSTA, since=MONTH),
            answer_of(discovery(media("a", 1), media("b", 2))),
        )
    }

    def test_one_call_gives_profile_and_posts(self):
        parsed = self.parsed("posts")
        assert accounts_of(parsed)[0].followers == 5120
        assert [(p.likes, p.comments, p.shares, p.absent["shares"]) for p in posts_of(parsed)] == [
            (87, 11, None, "not_published")
        ] * 2

    def test_hidden_likes_are_null(self):
        one = media("a", 1)
        del one["like_count"]
        post = posts_of(self.read("posts", discovery(one)))[0]
        assert (post.likes, post.absent["likes"], post.comments) == (None, "hidden", 11)

    def test_the_expression_names_the_account_and_the_page(self):
        job = self.good["posts"][0].model_copy(update={"cursor": "QVFI=", "page": 1})
        fields = dict(self.reader.request(job, CREDENTIAL).params)["fields"]
        assert fields.startswith(
            "business_discovery.username(mairie_x){id,username,media.limit(25).after(QVFI=){"
        )
        assert self.reader.request(job, CREDENTIAL).url.endswith("/v25.0/17840000000000001")

    @pytest.mark.parametrize("handle", ["x){id}", "a,b", "a b", "é"])
    def test_a_name_cannot_change_the_expression(self, handle):
        with pytest.raises(ValueError, match="not an Instagram name"):
            self.reader.request(
                job_of("instagram", "posts", JobSubject(subject="s", handle=handle)), None
            )

    def test_a_name_taken_by_another_account_is_nobody_s(self):
        parsed = self.read("posts", discovery(media("a", 1), id="666"))
        assert (parsed.cause, parsed.events) == ("gone", ())

    def test_a_due_post_absent_from_the_page_is_missing(self):
        subject = INSTA.model_copy(update={"posts": (reading_of("lost", 1.5),)})
        parsed = self.reader.read(
            job_of("instagram", "posts", subject, since=NOW - DAY / 2), self.good["posts"][1]
        )
        assert parsed.missing == {"acc-i": ("lost",)}
