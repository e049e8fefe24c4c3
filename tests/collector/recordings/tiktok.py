"""Recorded answers of TikTok: none of ours."""

from tests.collector.recordings_manifest import Mapped

MAPPED: tuple[Mapped, ...] = ()

NOT_OURS = {
    "tiktok/research_video_query.json": "Research API: for approved researchers, not for us",
}
