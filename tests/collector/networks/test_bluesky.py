"""Bluesky under the suite, on what it documents; below, what is its own."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

import pytest

from contracts.addresses import Refusal
from contracts.jobs import JobGranted, JobSubject
from services.collector.readers.reader import Answer
from tests.suites.network import (
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
MONTH = NOW - 30 * DAY


DID = "did:plc:essai"
SKY = JobSubject(subject="acc-1", handle="ville.example", native_id=DID)
SKY_NEW = JobSubject(subject="acc-1", handle="ville.example")


def sky_post(
    rkey: str, days: float, *, reply: bool = False, **changes: object
) -> dict[str, object]:
    at = (NOW - timedelta(days=days)).isoformat()
    record: dict[str, object] = {
        "$type": "app.bsky.feed.post",
        "text": "Fête de la musique #Essai",
        "createdAt": at,
        "langs": ["fr"],
    }
    if reply:
        record["reply"] = {"parent": {"uri": "at://x", "cid": "c"}}
    view: dict[str, object] = {
        "uri": f"at://{DID}/app.bsky.feed.post/{rkey}", "cid": "c",
        "author": {"did": DID, "handle": "ville.example"}, "record": record, "indexedAt": at,
        "likeCount": 4, "repostCount": 1, "replyCount": 2, "quoteCount": 0, "labels": [],
    }  # fmt: skip
    return view | changes


def sky_feed(*items: dict[str, object], cursor: str | None = None) -> str:
    return json.dumps({"feed": list(items), "cursor": cursor})


SKY_PROFILE = {
    "did": DID, "handle": "ville.example", "displayName": "Ville", "followersCount": 12,
    "followsCount": 3, "postsCount": 40,
}  # fmt: skip


class TestBluesky(NetworkSuite):
    slug = "bluesky"
    headers = ({"ratelimit-remaining": "2997", "ratelimit-reset": "1747676784"}, 2997)
    takes_empty = True
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://bsky.app/profile/Ville.example/": "bluesky:ville.example",
        f"https://bsky.app/profile/did:plc:{'a' * 24}/rss": f"bluesky:#did:plc:{'a' * 24}",
        "https://bsky.app/profile/ville.example/post/3k": Refusal.POST,
        "https://bsky.app/profile/ville.example/lists/3k": Refusal.NOT_AN_ACCOUNT,
        "https://go.bsky.app/abc": Refusal.SHORTENER,
    }
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (job_of("bluesky", "profile", SKY), answer_of({"profiles": [SKY_PROFILE]})),
        "posts": (
            job_of("bluesky", "posts", SKY, since=MONTH),
            answer_of(sky_feed({"post": sky_post("3kaaa", 1)}, {"post": sky_post("3kbbb", 2)})),
        ),
        "readings": (
            job_of(
                "bluesky",
                "readings",
                SKY.model_copy(
                    update={"posts": (reading_of(f"at://{DID}/app.bsky.feed.post/3kaaa"),)}
                ),
            ),
            answer_of({"posts": [sky_post("3kaaa", 1)]}),
        ),
    }

    def test_reposts_and_replies_are_not_the_account_s_posts(self):
        repost = {
            "post": sky_post("3kother", 1),
            "reason": {
                "$type": "app.bsky.feed.defs#reasonRepost",
                "by": {},
                "indexedAt": NOW.isoformat(),
            },
        }
        reply = {"post": sky_post("3kreply", 1, reply=True)}
        job, _ = self.good["posts"]
        parsed = self.read(job, sky_feed(repost, reply, {"post": sky_post("3k1", 1)}))
        assert [post.native_id[-3:] for post in posts_of(parsed)] == ["3k1"]
        assert parsed.skipped == {"repost of somebody else's post": 1, "reply": 1}

    def test_pages_are_read_until_the_bound(self):
        job, _ = self.good["posts"]
        near = answer_of(sky_feed({"post": sky_post("3k1", 2)}, cursor="next"))
        far = answer_of(
            sky_feed({"post": sky_post("3k1", 2)}, {"post": sky_post("3k2", 31)}, cursor="next")
        )
        assert self.reader.read(job, near).next_cursor == "next"
        assert self.reader.read(job, far).next_cursor is None
        assert self.reader.read(job, far).skipped == {"not due": 1}

    def test_a_renamed_account_is_recognised_by_its_did(self):
        renamed = SKY_PROFILE | {"handle": "ville.fr"}
        parsed = self.read("profile", {"profiles": [renamed]})
        assert parsed.renamed == {"acc-1": "ville.fr"}
        assert accounts_of(parsed)[0].handle == "ville.fr"

    def test_an_id_is_learnt_at_first_sight(self):
        job = job_of("bluesky", "profile", SKY_NEW)
        parsed = self.reader.read(job, self.good["profile"][1])
        assert parsed.native_ids == {"acc-1": DID}

    def test_who_is_left_out_of_a_batch_is_gone_and_the_others_are_seen(self):
        other = JobSubject(subject="acc-2", handle="nobody.example")
        parsed = self.reader.read(job_of("bluesky", "profile", SKY, other), self.good["profile"][1])
        assert (parsed.cause, list(parsed.gone)) == ("done", ["acc-2"])
        assert len(accounts_of(parsed)) == 1

    @pytest.mark.parametrize(
        ("error", "message", "cause"),
        [
            ("InvalidRequest", "Profile not found", "gone"),
            ("AccountTakedown", "Account has been taken down", "gone"),
            ("AccountDeactivated", "Account is deactivated", "gone"),
            ("RateLimitExceeded", "Rate Limit Exceeded", "rate_limited"),
            ("InvalidRequest", "Error: actors must not have more than 25 elements", "refused"),
        ],
    )
    def test_named_errors(self, error, message, cause):
        body = {"error": error, "message": message}
        parsed = self.read("posts", body, 400)
        assert parsed.cause == cause
        assert error in (parsed.detail or "")

    def test_one_refused_handle_says_nothing_of_its_neighbours(self):
        other = JobSubject(subject="acc-2", handle="-a.fr")
        message = "Error: actors/1 must be a valid did or a handle"
        refusal = answer_of({"error": "InvalidRequest", "message": message}, 400)
        batch = self.reader.read(job_of("bluesky", "profile", SKY, other), refusal)
        assert (batch.gone, batch.alone) == ({}, ("acc-1", "acc-2"))
        alone = self.reader.read(job_of("bluesky", "profile", other), refusal)
        assert (alone.cause, alone.gone, alone.alone) == ("refused", {}, ())

    def test_a_profile_that_cannot_be_read_is_asked_alone(self):
        other = JobSubject(subject="acc-2", handle="autre.example", native_id="did:plc:autre")
        body = {"profiles": [SKY_PROFILE, {"did": 3, "handle": "autre.example"}]}
        parsed = self.read(job_of("bluesky", "profile", SKY, other), body)
        assert (len(accounts_of(parsed)), parsed.gone, parsed.alone) == (1, {}, ("acc-2",))

    def test_null_labels_and_counters_spoil_nothing(self):
        body = {"profiles": [SKY_PROFILE | {"labels": None, "followersCount": "12"}]}
        account = accounts_of(self.read("profile", body))[0]
        assert (account.followers, account.following) == (None, 3)

    def test_somebody_else_s_post_is_not_the_account_s(self):
        other = {"did": "did:plc:autre", "handle": "autre.example"}
        body = sky_feed({"post": sky_post("3ka", 1, author=other)}, {"post": sky_post("3kb", 1)})
        for subject in (SKY, SKY_NEW):
            parsed = self.read(job_of("bluesky", "posts", subject), body)
            assert [post.native_id[-3:] for post in posts_of(parsed)] == ["3kb"]

    def test_hashtags_are_those_that_the_author_marked(self):
        view = sky_post("3k1", 1)
        feature = {"$type": "app.bsky.richtext.facet#tag", "tag": "Saint-Émilion"}
        view["record"] |= {
            "text": "#Saint-Émilion",
            "facets": [{"index": {}, "features": [feature, {"$type": "x#link", "uri": "y"}]}],
            "tags": ["Vin"],
        }
        parsed = self.read("posts", sky_feed({"post": view}))
        assert posts_of(parsed)[0].hashtags == ("saint-émilion", "vin")

    def test_a_post_dated_ahead_has_the_date_of_the_index(self):
        view = sky_post("3k1", 1)
        view["record"] |= {"createdAt": (NOW - DAY / 2).isoformat()}
        parsed = self.read("posts", sky_feed({"post": view}))
        assert posts_of(parsed)[0].published_at == NOW - DAY

    def test_a_false_date_gives_way_to_the_index(self):
        view = sky_post("3k1", 1)
        record = view["record"]
        assert isinstance(record, dict)
        future = view | {"record": record | {"createdAt": "2031-01-01T00:00:00Z"}}
        job, _ = self.good["posts"]
        post = posts_of(self.read(job, sky_feed({"post": future})))[0]
        assert post.published_at == NOW - DAY

    def test_a_text_that_asks_not_to_be_shown_is_counted_and_not_kept(self):
        author = {"did": DID, "handle": "ville.example", "labels": [{"val": "!no-unauthenticated"}]}
        job, _ = self.good["posts"]
        parsed = self.read(job, sky_feed({"post": sky_post("3k1", 1, author=author)}))
        assert posts_of(parsed)[0].likes == 4
        assert texts_of(parsed) == []

    def test_a_post_missing_once_is_missing_and_twice_deleted(self):
        uri = f"at://{DID}/app.bsky.feed.post/3kgone"
        subject = SKY.model_copy(update={"posts": (reading_of(uri, 3),)})
        nothing = answer_of({"posts": []})
        once = self.reader.read(job_of("bluesky", "readings", subject), nothing)
        assert (once.missing, once.events) == ({"acc-1": (uri,)}, ())
        twice = self.reader.read(job_of("bluesky", "readings", subject, confirm=True), nothing)
        assert twice.deleted == {"acc-1": (uri,)}
        post = posts_of(twice)[0]
        assert (post.state, post.likes, post.published_at) == ("deleted", None, NOW - 3 * DAY)

    def test_texts_are_told_once_and_readings_carry_none(self):
        assert [text.text for text in texts_of(self.parsed("posts"))] == [
            "Fête de la musique #Essai"
        ] * 2
        assert texts_of(self.parsed("readings")) == []
        assert posts_of(self.parsed("readings"))[0].hashtags == ("essai",)

    @pytest.mark.parametrize(
        ("error", "message", "absence"),
        [
            ("AccountDeactivated", "Account is deactivated", "hidden"),
            ("AccountTakedown", "Account has been taken down", "taken_down"),
            ("AccountTakedown", "Account has been suspended", "suspended"),
            ("InvalidRequest", "Profile not found", "not_found"),
        ],
    )
    def test_who_is_asked_again_by_itself_is_absent_as_the_appview_says(
        self, error, message, absence
    ):
        job = job_of("bluesky", "profile", SKY, confirm=True)
        assert self.reader.request(job, None).params == (("actor", DID),)
        parsed = self.read(job, {"error": error, "message": message}, 400)
        assert (parsed.cause, parsed.absences) == ("gone", {"acc-1": absence})

    def test_who_is_asked_again_and_is_back_is_read(self):
        parsed = self.read(job_of("bluesky", "profile", SKY, confirm=True), SKY_PROFILE)
        assert [one.followers for one in accounts_of(parsed)] == [12]
        assert (parsed.gone, parsed.absences) == ({}, {})
