"""What we use of the answers of YouTube's Data API v3. Counters are strings, as a rule.

`kind` is required of an answer: any other object would be one without items.
"""

from typing import Literal

import msgspec

from services.collector.parsing.lenient import Figure


class Reason(msgspec.Struct):
    """A named error."""

    reason: str = ""


class ApiError(msgspec.Struct):
    """What an error says."""

    message: str = ""
    errors: list[Reason] = []


class ApiErrorBody(msgspec.Struct):
    """The body of an error."""

    error: ApiError


class ChannelSnippet(msgspec.Struct, rename="camel"):
    """Names of a channel."""

    title: str | None = None
    custom_url: str | None = None


class ChannelStatistics(msgspec.Struct, rename="camel"):
    """Counters of a channel."""

    view_count: Figure = None
    subscriber_count: Figure = None
    hidden_subscriber_count: bool = False
    video_count: Figure = None


class Channel(msgspec.Struct):
    """A channel."""

    id: str
    snippet: ChannelSnippet = msgspec.field(default_factory=ChannelSnippet)
    statistics: ChannelStatistics | None = None


class Channels(msgspec.Struct):
    """The answer of `channels.list`; no `items` when nothing is known."""

    kind: Literal["youtube#channelListResponse"]
    items: list[Channel] = []


class VideoSnippet(msgspec.Struct, rename="camel"):
    """What a video says."""

    published_at: str | None = None
    channel_id: str | None = None
    title: str = ""
    description: str = ""
    default_audio_language: str | None = None
    default_language: str | None = None


class VideoStatistics(msgspec.Struct, rename="camel"):
    """Counters of a video."""

    view_count: Figure = None
    like_count: Figure = None
    comment_count: Figure = None


class Video(msgspec.Struct):
    """A video."""

    id: str
    snippet: VideoSnippet = msgspec.field(default_factory=VideoSnippet)
    statistics: VideoStatistics | None = None


class Videos(msgspec.Struct):
    """The answer of `videos.list`."""

    kind: Literal["youtube#videoListResponse"]
    items: list[Video] = []


class FoundId(msgspec.Struct, rename="camel"):
    """What a search found: a video, or something that was not asked for."""

    video_id: str | None = None


class FoundVideo(msgspec.Struct):
    """A video that a search found; its words are written for a page (`&#39;`)."""

    id: FoundId
    snippet: VideoSnippet = msgspec.field(default_factory=VideoSnippet)


class FoundVideos(msgspec.Struct):
    """The answer of `search.list`."""

    kind: Literal["youtube#searchListResponse"]
    items: list[FoundVideo] = []


class Resource(msgspec.Struct, rename="camel"):
    """What an item of a playlist is."""

    video_id: str | None = None


class ItemSnippet(VideoSnippet):
    """What an item of a playlist says; its date is when it was added."""

    resource_id: Resource | None = None


class ItemDetails(msgspec.Struct, rename="camel"):
    """The video of an item, and when it was published."""

    video_id: str | None = None
    video_published_at: str | None = None


class Item(msgspec.Struct, rename="camel"):
    """An item of a playlist."""

    snippet: ItemSnippet = msgspec.field(default_factory=ItemSnippet)
    content_details: ItemDetails = msgspec.field(default_factory=ItemDetails)


class Items(msgspec.Struct, rename="camel"):
    """The answer of `playlistItems.list`."""

    kind: Literal["youtube#playlistItemListResponse"]
    items: list[Item] = []
    next_page_token: str | None = None
