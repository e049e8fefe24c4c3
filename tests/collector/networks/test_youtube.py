"""Youtube under the suite, on what it documents; below, what is its own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from contracts.jobs import JobGranted, JobSubject
from contracts.mentions import MentionObserved
from contracts.networks import BY_SLUG
from services.collector.planning.buckets import groups_of
from services.collector.readers.reader import Answer
from tests.suites.network import (
    NOW,
    NetworkSuite,
    accounts_of,
    answer_of,
    job_of,
    posts_of,
    reading_of,
)

DAY = timedelta(days=1)
MONTH = NOW - 30 * DAY


TUBE = JobSubject(subject="acc-y", handle="@ville", native_id="UCville")
CHANNEL = {
    "id": "UCville",
    "snippet": {"title": "Ville", "customUrl": "@ville"},
    "statistics": {
        "viewCount": "208790",
        "subscriberCount": "2260",
        "hiddenSubscriberCount": False,
        "videoCount": "565",
    },
}


def listed(what: str, *items: dict[str, object], **more: object) -> str:
    return json.dumps({"kind": f"youtube#{what}ListResponse", "items": items} | more)


def tube_feed(*videos: tuple[str, float]) -> str:
    entries = "".join(
        f"<entry><id>yt:video:{name}</id><yt:videoId>{name}</yt:videoId><title>Vidéo</title>"
        f"<published>{(NOW - timedelta(days=days)).isoformat()}</published><media:group>"
        "<media:description>Bonjour</media:description><media:community>"
        '<media:starRating count="7" average="5.00" min="1" max="5"/><media:statistics views="90"/>'
        "</media:community></media:group></entry>"
        for name, days in videos
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
        f"<yt:channelId>ville</yt:channelId><title>Ville</title>{entries}</feed>"
    )


def video(name: str, **statistics: str) -> dict[str, object]:
    return {
        "id": name,
        "snippet": {
            "publishedAt": (NOW - DAY).isoformat(),
            "title": "Vidéo",
            "description": "Bonjour",
        },
        "statistics": statistics,
    }


SEARCH = job_of(
    "youtube", "mentions", JobSubject(subject="search-1", handle="Lens"), since=NOW - DAY
)


def found(name: str, days: float) -> dict[str, object]:
    snippet = {
        "publishedAt": (NOW - timedelta(days=days)).isoformat(), "channelId": "UCother",
        "title": "L&#39;été à Lens", "description": "À l&#39;eau &amp; au frais",
    }  # fmt: skip
    return {"id": {"kind": "youtube#video", "videoId": name}, "snippet": snippet}


class TestYoutube(NetworkSuite):
    slug = "youtube"
    causes: ClassVar[Mapping[int, str]] = {401: "credential"}
    good: ClassVar[Mapping[str, tuple[JobGranted, Answer]]] = {
        "profile": (job_of("youtube", "profile", TUBE), answer_of(listed("channel", CHANNEL))),
        "posts": (
            job_of("youtube", "posts", TUBE, since=MONTH),
            answer_of(tube_feed(("a", 1), ("b", 2))),
        ),
        "uploads": (
            job_of("youtube", "uploads", TUBE, since=MONTH, cursor="uploads"),
            answer_of(
                listed(
                    "playlistItem",
                    {
                        "snippet": {"title": "Vidéo", "publishedAt": NOW.isoformat()},
                        "contentDetails": {
                            "videoId": "a",
                            "videoPublishedAt": (NOW - DAY).isoformat(),
                        },
                    },
                    nextPageToken="CAUQAA",
                )
            ),
        ),
        "readings": (
            job_of("youtube", "readings", TUBE.model_copy(update={"posts": (reading_of("a"),)})),
            answer_of(listed("video", video("a", viewCount="91", likeCount="8", commentCount="1"))),
        ),
        "mentions": (SEARCH, answer_of(listed("search", found("v1", 0.1), found("v2", 0.2)))),
    }

    def test_what_others_say_is_searched_by_words_newest_first(self):
        request = self.reader.request(SEARCH, None)
        params = dict(request.params)
        assert request.url.endswith("/search")
        assert (params["q"], params["order"], params["type"]) == ('"Lens"', "date", "video")
        assert params["publishedAfter"] == "2026-11-23T07:40:00Z"
        parsed = self.parsed("mentions")
        first = next(event for _, event in parsed.events)
        assert isinstance(first, MentionObserved)
        assert (first.title, first.text) == ("L'été à Lens", "À l'eau & au frais")
        assert first.address == "https://www.youtube.com/watch?v=v1"
        assert set(parsed.speakers.values()) == {"UCother"}
        again = SEARCH.model_copy(update={"items": parsed.items})
        assert self.reader.read(again, self.good["mentions"][1]).events == ()

    @pytest.mark.parametrize("status", [403, 429])
    def test_searches_of_a_day_that_are_spent_are_asked_again_at_midnight_in_california(
        self, status
    ):
        said = (
            "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' "
            "of service 'youtube.googleapis.com' for consumer 'project_number:1'."
        )
        reason = "quotaExceeded" if status == 403 else "rateLimitExceeded"
        error = {"code": status, "message": said, "errors": [{"reason": reason}]}
        parsed = self.reader.read(SEARCH, answer_of({"error": error}, status))
        assert parsed.cause == "rate_limited"
        assert parsed.retry_at == datetime(2026, 11, 24, 8, tzinfo=UTC)

    def test_searches_have_a_quota_of_their_own(self):
        groups = {group.suffix: group for group in groups_of(BY_SLUG["youtube"])}
        assert [name for name, one in groups.items() if one.pays("mentions")] == ["#search"]
        assert groups["#search"].quotas[0].requests == 100
        search = BY_SLUG["youtube"].search
        assert search is not None
        assert 86_400 / search.pace <= 90

    def test_every_status_asks_for_something(self):
        for status, cause in (
            (401, "credential"),
            (404, "gone"),
            (429, "rate_limited"),
            (503, "unavailable"),
        ):
            assert self.read("readings", b"", status).cause == cause

    def test_the_feed_tells_who_published_and_the_videos_are_read_at_once(self):
        parsed = self.parsed("posts")
        post = posts_of(parsed)[0]
        assert (post.views, post.likes, post.comments, post.absent["comments"]) == (
            90,
            7,
            None,
            "not_asked",
        )
        assert all(reading.read_at is None for reading in parsed.readings["acc-y"])

    def test_older_uploads_are_asked_for_when_the_feed_is_too_short(self):
        short = tube_feed(*((f"v{n}", 1 + n / 10) for n in range(15)))
        assert self.read("posts", short).next_cursor == "uploads"
        enough = tube_feed(*((f"v{n}", 1 + n * 3) for n in range(15)))
        assert self.read("posts", enough).next_cursor is None

    def test_hidden_subscribers_are_null_not_zero(self):
        hidden = CHANNEL | {
            "statistics": {
                "viewCount": "1",
                "subscriberCount": "0",
                "hiddenSubscriberCount": True,
                "videoCount": "2",
            }
        }
        account = accounts_of(self.read("profile", listed("channel", hidden)))[0]
        assert (account.followers, account.absent["followers"]) == (None, "hidden")

    def test_hidden_likes_and_closed_comments_are_null(self):
        job, _ = self.good["readings"]
        post = posts_of(self.read(job, listed("video", video("a", viewCount="91"))))[0]
        assert (post.views, post.likes, post.absent["likes"], post.absent["comments"]) == (
            91,
            None,
            "hidden",
            "hidden",
        )

    def test_an_unknown_channel_is_200_without_items(self):
        job = self.good["profile"][0]
        empty = '{"kind":"youtube#channelListResponse"}'
        assert self.read(job, empty).cause == "gone"
        assert self.read(job, '{"kind":"x"}').cause == "unavailable"

    def test_a_counter_that_is_a_number_is_read_as_one(self):
        job = self.good["profile"][0]
        told = {**CHANNEL["statistics"], "videoCount": 565, "viewCount": -1}
        body = listed("channel", {**CHANNEL, "statistics": told})
        account = accounts_of(self.read(job, body))[0]
        assert (account.posts, account.views, account.absent["views"]) == (565, None, "hidden")

    def test_any_other_object_is_no_list_of_videos(self):
        job = self.good["readings"][0].model_copy(update={"confirm": True})
        for body in ("{}", '{"items":[]}', '{"error":"maintenance"}'):
            parsed = self.read(job, body)
            assert (parsed.cause, parsed.deleted) == ("unavailable", {})

    def test_somebody_else_s_video_is_not_the_channel_s(self):
        known = TUBE.model_copy(update={"posts": (reading_of("a"), reading_of("b"))})
        job = job_of("youtube", "readings", known, confirm=True)
        videos = [video(name, viewCount="1") for name in "ab"]
        for one, channel in zip(videos, ("UCautre", TUBE.native_id), strict=True):
            one["snippet"] = {"channelId": channel, "publishedAt": (NOW - DAY).isoformat()}
        parsed = self.read(job, listed("video", *videos))
        assert [post.native_id for post in posts_of(parsed)] == ["b"]
        assert parsed.deleted == {}

    def test_the_feed_s_404_is_never_a_fact_by_itself(self):
        assert self.read("posts", "<html>404</html>", 404).cause == "unavailable"

    @pytest.mark.parametrize(
        ("status", "reason", "cause"),
        [
            (403, "quotaExceeded", "rate_limited"),
            (403, "userRateLimitExceeded", "rate_limited"),
            (400, "keyInvalid", "credential"),
            (403, "accessNotConfigured", "credential"),
            (400, "invalidParameter", "refused"),
            (500, "backendError", "unavailable"),
        ],
    )
    def test_named_errors(self, status, reason, cause):
        body = {"error": {"code": status, "message": "m", "errors": [{"reason": reason}]}}
        parsed = self.read("readings", body, status)
        assert parsed.cause == cause
        if reason == "quotaExceeded":
            assert parsed.retry_at == datetime(2026, 11, 24, 8, tzinfo=UTC)

    def test_a_channel_without_uploads_has_none(self):
        body = {"error": {"code": 404, "message": "m", "errors": [{"reason": "playlistNotFound"}]}}
        parsed = self.read("uploads", body, 404)
        assert (parsed.cause, parsed.events) == ("done", ())
