"""A feed as we read it: RSS 0.91 to 2.0, RSS 1.0, Atom, with what municipal sites do to them.

The only place that sees feedparser, which is untyped.
"""

import re
from calendar import timegm
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import feedparser
from selectolax.lexbor import LexborHTMLParser

from contracts.event import EARLIEST, LATEST, hashed_id
from contracts.posts import PostKind
from services.collector.dates import read_feed_date
from services.collector.text import without_markup

_LATIN = re.compile(
    rb"""(<\?xml[^>]*encoding\s*=\s*["'])(iso-8859-1|latin-?1|us-ascii)(["'])""", re.I
)
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf\u0152-\u2122]|â€")
_HTML = re.compile(rb"(?i)^\s*(<!doctype\s+html|<html[\s>])")
_END = re.compile(rb"(?i)</(\w+:)?(channel|rss|feed|rdf)\s*>\s*(<!--.*?-->\s*)*$", re.DOTALL)
_COUNT = re.compile("[0-9]{1,9}")
_TRACKING = re.compile(r"(?i)^(utm_.*|xtor|at_(medium|campaign|.*)|fbclid|gclid|mc_(cid|eid))$")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000,
            "yearly": 31_536_000}  # fmt: skip


_parse = cast("Callable[..., dict[str, Any]]", feedparser.parse)  # pyright: ignore[reportUnknownMemberType]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a feed. `published_at` is None when no date can be read (UTC)."""

    native_id: str
    address: str | None
    title: str
    text: str
    published_at: datetime | None
    kind: PostKind


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `every` is the seconds that it asks to be left between two readings.

    One that is not `whole` was cut short: its last entry, which may be half of one, is not in it.
    """

    title: str | None
    language: str | None
    every: int | None
    entries: tuple[Entry, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Video:
    """A video of a channel's feed; `likes` are its star ratings."""

    native_id: str
    published_at: datetime
    title: str
    description: str
    views: int | None
    likes: int | None


@dataclass(frozen=True, slots=True)
class VideoFeed:
    """A channel's feed: its id (`UC…`) and its latest videos, newest first."""

    channel: str | None
    videos: tuple[Video, ...]


def looks_like_html(body: bytes) -> bool:
    """Tell whether a body is a web page instead of a feed."""
    return bool(_HTML.match(body[:512]))


def feed_of_page(body: bytes) -> str | None:
    """Return the feed that a web page declares (`<link rel="alternate">`), or None."""
    for link in LexborHTMLParser(body).css("link[rel~=alternate]"):
        if "rss+xml" in (kind := link.attributes.get("type") or "") or "atom+xml" in kind:
            return link.attributes.get("href") or None
    return None


def read_feed(body: bytes, content_type: str, url: str) -> Feed | None:
    """Return a feed, or None when the body is none."""
    # What says ISO-8859-1 is windows-1252 in practice: the other way round nothing differs.
    body = _LATIN.sub(rb"\1windows-1252\3", body.lstrip(b"\x00\r\n\t "), count=1)
    headers = {"content-location": url}
    if "charset" in content_type.lower():
        headers["content-type"] = re.sub(r"(?i)iso-8859-1", "windows-1252", content_type)
    parsed = _parse(body, response_headers=headers, sanitize_html=False)
    if not parsed.get("version"):
        return None
    channel = cast("dict[str, Any]", parsed["feed"])
    fallback = _date(channel)
    whole, entries = _whole(body), cast("list[dict[str, Any]]", parsed["entries"])
    language = _said(channel, "language")
    return Feed(
        title=without_markup(_said(channel, "title") or "", escaped_twice=True) or None,
        language=language.split("-")[0].lower()[:8] if language else None,
        every=_every(channel),
        entries=tuple(_entry(entry, fallback) for entry in (entries if whole else entries[:-1])),
        whole=whole,
    )


def read_videos(body: bytes) -> VideoFeed | None:
    """Return the feed of a YouTube channel (`yt:` and `media:` elements), or None for no feed."""
    parsed = _parse(body, sanitize_html=False)
    if not parsed.get("version"):
        return None
    channel = _said(cast("dict[str, Any]", parsed["feed"]), "yt_channelid")
    entries = cast("list[dict[str, Any]]", parsed["entries"])
    if not _whole(body):
        entries = entries[:-1]
    videos = tuple(video for entry in entries if (video := _video(entry)))
    return VideoFeed(
        f"UC{channel}" if channel and not channel.startswith("UC") else channel, videos
    )


def _whole(body: bytes) -> bool:
    """Tell whether a feed goes to its end; in UTF-16 and its kin this is not looked into."""
    return b"\x00" in body[:4] or bool(_END.search(body[-4096:]))


def _video(entry: dict[str, Any]) -> Video | None:
    native_id, published_at = _said(entry, "yt_videoid"), read_feed_date(_said(entry, "published"))
    if native_id is None or published_at is None:
        return None
    return Video(
        native_id,
        published_at,
        _said(entry, "title") or "",
        _said(entry, "summary") or "",
        _number(entry.get("media_statistics"), "views"),
        _number(entry.get("media_starrating"), "count"),
    )


def _number(holder: object, name: str) -> int | None:
    value = cast("dict[str, object]", holder).get(name) if isinstance(holder, dict) else None
    return int(value) if isinstance(value, str) and value.isdigit() else None


def canonical(address: str) -> str:
    """Return an address by which the same thing is always known.

    Google's redirections are unwrapped; fragments and tracking parameters go; the host is lower.
    """
    parts = urlsplit(address.strip())
    host = parts.netloc.lower()
    if re.fullmatch(r"(www\.)?google\.[a-z.]+", host) and parts.path == "/url":
        query = parse_qs(parts.query)
        wrapped = (query.get("url") or query.get("q") or [""])[0]
        if wrapped.startswith(("http://", "https://")):
            return canonical(wrapped)
    if not _tracked(parts.query):
        return urlunsplit((parts.scheme.lower(), host, parts.path or "/", parts.query, ""))
    kept = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(pair[0])
    ]  # fmt: skip
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", urlencode(kept), ""))


def _tracked(query: str) -> bool:
    return any(_TRACKING.match(name) for name, _ in parse_qsl(query, keep_blank_values=True))


def _entry(entry: dict[str, Any], fallback: datetime | None) -> Entry:
    title = without_markup(_said(entry, "title") or "", escaped_twice=True)
    link = _said(entry, "link")
    date = _date(entry)
    native_id = _said(entry, "id") or link
    content = cast("list[dict[str, Any]]", entry.get("content") or [])
    told = _said(entry, "summary") or (str(content[0].get("value") or "") if content else "")
    return Entry(
        native_id=(native_id or hashed_id(title, str(date)))[:512],
        address=canonical(link)[:512] if link and link.startswith("http") else None,
        title=title,
        text=without_markup(told, escaped_twice=True),
        published_at=date or fallback,
        kind=_kind(entry),
    )


def _said(holder: dict[str, Any], name: str) -> str | None:
    value = holder.get(name)
    return _mended(value).strip() or None if isinstance(value, str) else None


def _mended(text: str) -> str:
    """Undo UTF-8 that was read as windows-1252 and encoded again (« dâ€™un », « Ã© »)."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return b"".join(_byte(sign) for sign in text).decode()
    except ValueError:
        return text


def _byte(sign: str) -> bytes:
    """Return the windows-1252 byte of a sign; five of its bytes are read as themselves."""
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")


def _date(holder: dict[str, Any]) -> datetime | None:
    """Return the date of publication, else of the last change: our reading, then feedparser's."""
    for name in ("published", "updated", "created"):
        moment = read_feed_date(_said(holder, name))
        if moment is not None:
            return moment
        parsed = holder.get(f"{name}_parsed")
        if parsed:
            moment = datetime.fromtimestamp(timegm(parsed), UTC)
            if EARLIEST <= moment < LATEST:
                return moment
    return None


def _kind(entry: dict[str, Any]) -> PostKind:
    enclosures = cast("list[dict[str, Any]]", entry.get("enclosures") or [])
    kinds = {str(enclosure.get("type") or "").split("/")[0] for enclosure in enclosures}
    if "video" in kinds:
        return "video"
    return "photo" if "image" in kinds else "link"


def _every(channel: dict[str, Any]) -> int | None:
    """Return the seconds between readings that `ttl` (minutes) or `sy:updatePeriod` ask for."""
    ttl = _said(channel, "ttl")
    if ttl and _COUNT.fullmatch(ttl):
        return int(ttl) * 60
    period = _PERIODS.get((_said(channel, "sy_updateperiod") or "").lower())
    if period is None:
        return None
    frequency = _said(channel, "sy_updatefrequency") or "1"
    return period // max(1, int(frequency)) if _COUNT.fullmatch(frequency) else period
