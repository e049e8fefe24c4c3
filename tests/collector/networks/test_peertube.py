"""PeerTube under the suite, on what it documents; below, what is its own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from contracts.addresses import Identity, Refusal, read_address
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

CHANNEL = JobSubject(subject="acc-p", handle="ville@tube.example", native_id="7")
ACCOUNT = JobSubject(subject="acc-p", handle="a/ville_compte@tube.example")
ACTOR: dict[str, Any] = {
    "id": 7, "name": "ville", "host": "tube.example", "displayName": "Ville", "followersCount": 31,
    "followingCount": 0, "isLocal": True,
}  # fmt: skip
OWNER: dict[str, Any] = ACTOR | {"id": 3, "name": "ville_compte"}
UUIDS = tuple(f"{number:08x}-0000-4000-8000-00000000000{number}" for number in range(4))


def video(number: int, days: float, **changes: object) -> dict[str, object]:
    return {
        "uuid": UUIDS[number],
        "name": "Conseil municipal",
        "truncatedDescription": "En direct de la #mairie",
        "url": f"https://tube.example/videos/watch/{UUIDS[number]}",
        "publishedAt": (NOW - timedelta(days=days)).isoformat(),
        "isLive": False,
        "privacy": {"id": 1, "label": "Public"},
        "language": {"id": "fr", "label": "French"},
        "likes": 3,
        "dislikes": 1,
        "views": 40,
        "comments": 2,
        "channel": ACTOR,
        "account": OWNER,
    } | changes


def page(*videos: dict[str, object], more: bool = False) -> Answer:
    return answer_of({"total": 9 if more else len(videos), "data": videos})


def problem(status: int) -> Answer:
    return answer_of({"status": status, "title": "No", "detail": "Not found"}, status)


class TestPeertube(PagesSuite):
    slug = "peertube"
    causes: ClassVar[Mapping[int, str]] = {404: "unavailable", 410: "unavailable"}
    headers = ({"x-ratelimit-remaining": "49"}, 49)
    addresses: ClassVar[Mapping[str, str | Refusal]] = {
        "https://tube.ville.example/c/ville_lens": "peertube:ville_lens@tube.ville.example",
        "peertube.example/c/Ville.Lens/videos": "peertube:ville.lens@peertube.example",
        "https://framatube.org/a/framasoft/video-channels": "peertube:a/framasoft@framatube.org",
        "https://video.lens.example/accounts/ville": "peertube:a/ville@video.lens.example",
        "https://voir.lens.example/video-channels/ville": "peertube:ville@voir.lens.example",
        "https://voir.lens.example/a/ville/video-channels": "peertube:a/ville@voir.lens.example",
        "https://framatube.org/c/lqdn@video.lqdn.fr": "peertube:lqdn@video.lqdn.fr",
        "https://framatube.org/w/kkGMgK9ZtnKfYAgnEtQxbv": Refusal.POST,
        f"https://lens.example/videos/watch/{UUIDS[1]}": Refusal.POST,
        "https://www.lens.example/a/propos": Refusal.WEBSITE,
        "https://www.lens.example/accounts/login": Refusal.WEBSITE,
        "https://www.lens.example/w/agenda": Refusal.WEBSITE,
    }
    good = good_of(
        slug, CHANNEL, answer_of(ACTOR), page(video(3, 1), video(2, 2, comments=None)),
        UUIDS[3], answer_of(video(3, 1)),
    )  # fmt: skip
    ids = "{0:08x}-0000-4000-8000-00000000000{0}"
    post, page, second = staticmethod(video), staticmethod(page), ("start", "2")
    no_more = tuple(problem(status) for status in (404, 410))
    private = tuple(problem(status) for status in (401, 403))

    @pytest.mark.parametrize(
        ("text", "network", "key"),
        [
            ("ville@tube.example", "peertube", "peertube:ville@tube.example"),
            ("@ville@tube.example", "peertube", "peertube:ville@tube.example"),
            ("@ville@tube.example", None, "mastodon:ville@tube.example"),
            ("https://lens.example/c/ville", "peertube", "peertube:ville@lens.example"),
        ],
    )
    def test_a_name_of_any_federated_software_is_of_the_network_said(self, text, network, key):
        read = read_address(text, network)
        assert isinstance(read, Identity)
        assert read.key == key

    def test_a_video_has_its_title_its_text_and_its_counters(self):
        first, second = posts_of(self.parsed("posts"))
        assert (first.likes, first.comments, first.views, first.kind) == (3, 2, 40, "video")
        assert (second.comments, second.absent["comments"]) == (None, "not_published")
        assert (
            texts_of(self.parsed("posts"))[0].text == "Conseil municipal\nEn direct de la #mairie"
        )
        assert (first.hashtags, first.language) == (("mairie",), "fr")

    def test_a_channel_and_an_account_are_two_calls(self):
        channel = self.reader.request(self.good["profile"][0], None)
        account = self.reader.request(job_of("peertube", "posts", ACCOUNT), None)
        assert channel.url == "https://tube.example/api/v1/video-channels/ville"
        assert account.url == "https://tube.example/api/v1/accounts/ville_compte/videos"
        assert dict(account.params) == {"start": "0", "count": "100", "sort": "-publishedAt"}

    def test_an_account_has_the_videos_of_all_its_channels(self):
        other = video(2, 2, channel=ACTOR | {"name": "sport"})
        job = job_of("peertube", "posts", ACCOUNT)
        assert len(posts_of(self.reader.read(job, page(video(3, 1), other)))) == 2
        mixed = self.reader.read(self.good["posts"][0], page(video(3, 1), other))
        assert len(posts_of(mixed)) == 1
        assert mixed.skipped == {"post of somebody else": 1}

    def test_a_channel_shown_elsewhere_is_asked_at_home(self):
        home = ACTOR | {"host": "maison.example", "isLocal": False}
        parsed = self.reader.read(self.good["profile"][0], answer_of(json.dumps(home)))
        assert parsed.renamed == {"acc-p": "ville@maison.example"}

    def test_a_name_taken_by_another_channel_is_nobody_s(self):
        parsed = self.reader.read(self.good["profile"][0], answer_of(json.dumps(ACTOR | {"id": 9})))
        assert (parsed.cause, accounts_of(parsed)) == ("gone", [])

    def test_the_page_that_reaches_the_total_is_the_last(self):
        second = self.good["posts"][0].model_copy(update={"cursor": "2", "page": 1})
        body = {"total": 4, "data": [video(3, 1), video(2, 2)]}
        assert self.read(second, body).next_cursor is None

    def test_what_is_not_public_is_skipped(self):
        body = page(video(3, 1, privacy={"id": 4, "label": "Internal"}), video(2, 2))
        assert len(posts_of(self.reader.read(self.good["posts"][0], body))) == 1

    def test_the_reset_is_in_seconds(self):
        reset = NOW + timedelta(seconds=9)
        answer = answer_of("", 429, x_ratelimit_reset=str(int(reset.timestamp())))
        parsed = self.reader.read(self.good["posts"][0], answer)
        assert parsed.retry_at == datetime(2026, 11, 24, 7, 40, 9, tzinfo=UTC)
