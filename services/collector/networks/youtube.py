"""YouTube: the Data API with a key, and the free feed that says who has published.

- Documentation: developers.google.com/youtube/v3.
- 50 channels and 50 videos a call, a unit each; the feed costs nothing and has 15 videos.
- Counters are strings; subscribers are rounded, and null when `hiddenSubscriberCount`; likes and
  comments are absent when hidden or closed.
- An unknown channel is 200 without `items`; an unknown video is left out.
- What others say is searched by words, newest first: a hundred searches a day, counted apart. One
  page of 50 is read, of titles and of how descriptions begin.
- Over the quota is 403 `quotaExceeded`; where Google's own gate counts, 429 « Quota exceeded for
  quota metric 'Search Queries' and limit 'Search Queries per day' » (github.com/fqscfqj/Y2A-Auto,
  issue 124, August 2026): both last until midnight in California.
- Terms: kept 30 days, never scored, never added to another network's (`contracts/networks/`).
"""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import ClassVar
from zoneinfo import ZoneInfo

from contracts.jobs import JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.youtube import NETWORK as YOUTUBE
from services.collector.parsing.dates import read_iso
from services.collector.parsing.feed import read_videos
from services.collector.parsing.lenient import figure, told
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.news import News
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    Parsed,
    Reader,
    Request,
    UnreadableBody,
    host_of,
)
from services.collector.shapes.youtube import (
    ApiError,
    ApiErrorBody,
    Channel,
    Channels,
    ChannelStatistics,
    FoundVideo,
    FoundVideos,
    Items,
    Video,
    Videos,
    VideoStatistics,
)

API = "https://www.googleapis.com/youtube/v3/"
FEED = "https://www.youtube.com/feeds/videos.xml"
FEED_ENTRIES = 15
"""Videos of a feed that is full."""

SOURCE = "youtube.com"
OLDER = "uploads"
"""The cursor of the first page of uploads; later ones are the API's own tokens."""

PACIFIC = ZoneInfo("America/Los_Angeles")
DAILY = {"quotaExceeded", "dailyLimitExceeded"}
PER_DAY = "per day"
RATES = {"rateLimitExceeded", "userRateLimitExceeded"}
CREDENTIALS = {"keyInvalid", "keyExpired", "accessNotConfigured", "API_KEY_INVALID", "forbidden"}


class Youtube(Reader):
    """Channels and their videos."""

    network: ClassVar[Network] = YOUTUBE

    def host(self, subject: JobSubject) -> str:
        """Return the host of the feeds."""
        return host_of(FEED)

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job, or the feed, which needs no key."""
        first = job.subjects[0]
        if job.operation == "posts":
            return Request(FEED, (("channel_id", first.native_id or ""),))
        secret = (("key", credential.token),) if credential else ()
        if job.operation == "profile":
            params = (("part", "snippet,statistics,contentDetails,status"), _named(job))
            return Request(f"{API}channels", params, secret_params=secret)
        if job.operation == "uploads":
            uploads = f"UU{(first.native_id or '').removeprefix('UC')}"
            token = job.cursor if job.cursor != OLDER else None
            page: tuple[tuple[str, str], ...] = (("pageToken", token),) if token else ()
            params = (
                ("part", "contentDetails,snippet"),
                ("playlistId", uploads),
                ("maxResults", str(YOUTUBE.page_size)),
                *page,
            )
            return Request(f"{API}playlistItems", params, secret_params=secret)
        if job.operation == "mentions":
            return Request(f"{API}search", _search(job), secret_params=secret)
        ids = ",".join(post.native_id for subject in job.subjects for post in subject.posts)
        params = (("part", "snippet,statistics,contentDetails,liveStreamingDetails"), ("id", ids))
        return Request(f"{API}videos", params, secret_params=secret)

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Sort by the named reason; the feed has had episodes of 404: never a fact by itself."""
        if job.operation == "posts":
            failed = super().failure(job, answer)
            if failed is not None and failed.cause == "gone":
                return Failure("unavailable", f"{failed.detail} (feed)")
            return failed
        error = _error(answer)
        if error is None or answer.status < 400:
            return super().failure(job, answer)
        reasons = {one.reason for one in error.errors}
        detail = f"HTTP {answer.status}: {', '.join(sorted(reasons))}: {error.message}"
        if reasons & DAILY or PER_DAY in error.message.lower():
            return Failure("rate_limited", detail, next_midnight(answer.moment))
        if reasons & RATES or answer.status == 429:
            return Failure("rate_limited", detail, self.retry_at(answer))
        if reasons & CREDENTIALS or "api key" in error.message.lower():
            return Failure("credential", detail)
        if "playlistNotFound" in reasons:
            return None
        return super().failure(job, answer)

    def reason(self, answer: Answer) -> str:
        """Return what the API says."""
        error = _error(answer)
        return error.message if error else ""

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read channels, a feed, a page of uploads, or videos."""
        found = Findings(YOUTUBE, job, answer)
        cursor: str | None = None
        if job.operation == "profile":
            _read_channels(job, found.read(Channels), found)
        elif job.operation == "posts":
            cursor = _read_feed(job, answer, found)
        elif job.operation == "uploads":
            # A channel without any upload has no such playlist.
            if answer.status != 404:
                cursor = _read_uploads(job, found.read(Items), found)
        elif job.operation == "mentions":
            news = News(job)
            for one in found.read(FoundVideos).items:
                _add_mention(one, found, news)
            return found.parsed(items=news.items)
        else:
            videos = {video.id: video for video in found.read(Videos).items}
            for subject, known, video in found.again(videos):
                _add_video(subject, video, known.published_at, found)
        return found.parsed(next_cursor=cursor)


READER = Youtube


def next_midnight(moment: datetime) -> datetime:
    """Return the next midnight in California, when the units of the day are given anew (UTC)."""
    local = moment.astimezone(PACIFIC)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC)


def _named(job: JobGranted) -> tuple[str, str]:
    """Return how channels are named: by their ids, else the one by its handle or old user name."""
    ids = [subject.native_id for subject in job.subjects if subject.native_id]
    if ids:
        return ("id", ",".join(ids))
    kind, _, name = job.subjects[0].handle.rpartition("/")
    if kind == "user":
        return ("forUsername", name)
    return ("forHandle", f"@{name.removeprefix('@')}")


def _error(answer: Answer) -> ApiError | None:
    body = told(answer.body, ApiErrorBody)
    return body.error if body else None


def _read_channels(job: JobGranted, answer: Channels, found: Findings) -> None:
    by_id = {channel.id: channel for channel in answer.items}
    for subject in job.subjects:
        channel = by_id.get(subject.native_id or "")
        if channel is None and subject.native_id is None and answer.items:
            channel = answer.items[0]
        if channel is None:
            found.left_out(subject, "no such channel")
            continue
        handle = _handle(subject, channel)
        found.identify(subject, channel.id, handle)
        given = channel.statistics or ChannelStatistics()
        hidden = given.hidden_subscriber_count
        found.account(
            subject,
            native_id=channel.id,
            handle=handle,
            name=channel.snippet.title,
            counters={
                "followers": None if hidden else figure(given.subscriber_count),
                "posts": figure(given.video_count),
                "views": figure(given.view_count),
            },
            absent="not_asked" if channel.statistics is None else "hidden",
        )


def _handle(subject: JobSubject, channel: Channel) -> str | None:
    """Return the channel's handle as ours is written: with `@`, unless ours is without."""
    custom = channel.snippet.custom_url
    if custom is None or not custom.startswith("@"):
        return None
    return custom if subject.handle.startswith("@") else custom.removeprefix("@")


def _read_feed(job: JobGranted, answer: Answer, found: Findings) -> str | None:
    """Add the videos of a feed; older ones are to be asked for when it goes not far enough back."""
    feed = read_videos(answer.body)
    if feed is None:
        raise UnreadableBody("not the feed of a channel")
    subject = job.subjects[0]
    if feed.channel is not None:
        found.identify(subject, feed.channel, None)
    if found.gone:
        return None
    for video in feed.videos:
        found.post(
            subject,
            native_id=video.native_id,
            address=address_of(video.native_id),
            kind="video",
            published_at=video.published_at,
            counters={"likes": video.likes, "comments": None, "views": video.views},
            absent={"likes": "hidden", "comments": "not_asked", "views": "hidden"},
            text=_said(video.title, video.description),
            heard_of=True,
        )
    full = len(feed.videos) >= FEED_ENTRIES
    reached = found.far_enough(video.published_at for video in feed.videos)
    return OLDER if full and not reached else None


def _read_uploads(job: JobGranted, page: Items, found: Findings) -> str | None:
    subject = job.subjects[0]
    moments: list[datetime] = []
    for item in page.items:
        resource = item.snippet.resource_id
        video = item.content_details.video_id or (resource.video_id if resource else None)
        moment = read_iso(item.content_details.video_published_at or item.snippet.published_at)
        if video is None or moment is None:
            found.skipped["item without video or date"] += 1
            continue
        moments.append(moment)
        found.post(
            subject,
            native_id=video,
            address=address_of(video),
            kind="video",
            published_at=moment,
            counters={"likes": None, "comments": None, "views": None},
            text=_said(item.snippet.title, item.snippet.description),
            heard_of=True,
        )
    return None if found.far_enough(moments) else page.next_page_token


def _add_video(subject: JobSubject, video: Video, published: datetime, found: Findings) -> None:
    if not found.is_own(subject.native_id, video.snippet.channel_id):
        return
    given = video.statistics or VideoStatistics()
    found.post(
        subject,
        native_id=video.id,
        address=address_of(video.id),
        kind="video",
        published_at=read_iso(video.snippet.published_at) or published,
        counters={
            "likes": figure(given.like_count),
            "comments": figure(given.comment_count),
            "views": figure(given.view_count),
        },
        absent="not_asked" if video.statistics is None else "hidden",
        text=_said(video.snippet.title, video.snippet.description),
        language=video.snippet.default_audio_language or video.snippet.default_language,
    )


def _search(job: JobGranted) -> tuple[tuple[str, str], ...]:
    """Return what asks for videos of the words as they stand, the newest, for people in France."""
    words = job.subjects[0].handle.replace('"', " ")
    since = (("publishedAfter", f"{job.since:%Y-%m-%dT%H:%M:%SZ}"),) if job.since else ()
    return (
        ("part", "snippet"),
        ("q", f'"{words}"'),
        ("type", "video"),
        ("order", "date"),
        ("maxResults", str(YOUTUBE.page_size)),
        ("regionCode", "FR"),
        ("relevanceLanguage", "fr"),
        *since,
    )


def _add_mention(one: FoundVideo, found: Findings, news: News) -> None:
    if (video := one.id.video_id) is None:
        found.skipped["not a video"] += 1
        return
    moment = found.moment(video, one.snippet.published_at)
    if moment is None or not news.take(video, moment):
        return
    found.mention(
        address=address_of(video),
        source=SOURCE,
        published_at=moment,
        title=tidy(unescape(one.snippet.title)),
        text=tidy(unescape(one.snippet.description)),
        language=None,
        speaker=one.snippet.channel_id,
    )


def address_of(video: str) -> str:
    """Return the page of a video."""
    return f"https://www.youtube.com/watch?v={video}"


def _said(title: str, description: str) -> str:
    return tidy("\n".join(filter(None, (title, description))))
