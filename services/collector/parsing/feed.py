"""A feed as we read it: RSS 0.91 to 2.0, RSS 1.0, Atom, with what municipal sites do to them.

The only place that sees feedparser, which is untyped.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import feedparser

from contracts.posts import PostKind
from services.collector.parsing.dates import read_feed_date
from services.collector.parsing.text import fit, line, without_markup

_LATIN = re.compile(
    rb"""(<\?xml[^>]*encoding\s*=\s*["'])(iso-8859-1|latin-?1|us-ascii)(["'])""", re.I
)
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf\u0152-\u2122]|â€")
_HTML = re.compile(rb"(?i)^\s*(<!doctype\s+html|<html[\s>])")
_BOUND = re.compile(rb"(?i)<(/?)(?:[a-z]+:)?(channel|rss|feed|rdf|item|entry)[\s>]")
_HALVES = re.compile(rb"(?i)(?:&#(?:x0*d[89a-f][0-9a-f]{2}|0*5[5-7]\d{3});)+")
_ENTRIES = (b"item", b"entry")
_LINK = re.compile(r"(?i)<link\s([^<>]{1,2000})>")
_ATTRIBUTE = re.compile(r"""([a-z]{2,10})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_QUOTED = re.compile(rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(rb"<(/?)[a-zA-Z_][^<>]{0,4000}?(/?)>")
DEEPEST = 5_000
"""Elements that stand one in the other: no feed has a tenth of it."""

_HEAD = 256 * 1024
"""Bytes of a page in which the address of its feed is looked for."""

_COUNT = re.compile("[0-9]{1,9}")
_TRACKING = re.compile(
    r"(?i)(amp;)*(utm_\w+|mtm_\w+|pk_(campaign|cid|content|keyword|kwd|medium|source)|xtor|at_(medium"
    r"|campaign\w*|creation|custom\d+|format|variant|platform|channel|link\w*|term|emailtype"
    r"|recipient_\w+|send_\w+|general_placement|detail_placement|ptr_\w+)|fbclid|gclid|dclid"
    r"|gbraid|wbraid|msclkid|igshid|igsh|twclid|ttclid|yclid|srsltid|mc_[ce]id|_hs(enc|mi))(=|$)"
)
"""Of Google, Matomo, AT Internet (by name: `at_quartier` is a town's own), networks."""

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000,
            "yearly": 31_536_000}  # fmt: skip


_parse = cast("Callable[..., dict[str, Any]]", feedparser.parse)  # pyright: ignore[reportUnknownMemberType]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a feed. `published_at` is None when no date can be read (UTC)."""

    guid: str | None
    address: str | None
    title: str
    text: str
    published_at: datetime | None
    kind: PostKind


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `every` is the seconds that it asks to be left between two readings.

    One that is not `whole` was cut short: its last entry, which may be half of one, is not in it.
    `unusable` counts the entries of which nothing could be made.
    """

    title: str | None
    language: str | None
    every: int | None
    entries: tuple[Entry, ...]
    whole: bool = True
    unusable: int = 0


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
    for link in _LINK.findall(body[:_HEAD].decode("utf-8", "replace")):
        said = {name.lower(): "".join(value) for name, *value in _ATTRIBUTE.findall(link)}
        kind = said.get("type", "").lower()
        if "alternate" in said.get("rel", "").lower().split() and (
            "rss+xml" in kind or "atom+xml" in kind
        ):
            return html.unescape(said.get("href", "")).strip() or None
    return None


def read_feed(body: bytes, content_type: str, url: str) -> Feed | None:
    """Return a feed, or None when the body is none."""
    # What says ISO-8859-1 is windows-1252 in practice: the other way round nothing differs.
    body = _LATIN.sub(rb"\1windows-1252\3", body.lstrip(b"\x00\r\n\t "), count=1)
    body = _HALVES.sub(_joined, body)
    if _is_nested(body):
        return None
    headers = {"content-location": url}
    if "charset" in content_type.lower():
        headers["content-type"] = re.sub(r"(?i)iso-8859-1", "windows-1252", content_type)
    parsed = _parse(body, response_headers=headers, sanitize_html=False)
    if not parsed.get("version"):
        return None
    channel = cast("dict[str, Any]", parsed["feed"])
    whole, entries = _whole(body), cast("list[dict[str, Any]]", parsed["entries"])
    read = [_entry(entry) for entry in (entries if whole else entries[:-1])]
    usable = tuple(entry for entry in read if entry)
    language = _said(channel, "language")
    return Feed(
        title=line(without_markup(_said(channel, "title") or "", escaped_twice=True)),
        language=language.split("-")[0].lower()[:8] if language else None,
        every=_every(channel),
        entries=usable,
        whole=whole,
        unusable=len(read) - len(usable),
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


def _is_nested(body: bytes) -> bool:
    """Tell whether things stand in one another deeper than in any feed: that takes minutes to read.

    Pages pasted into a feed leave some open: the bound is far above them.
    """
    if body.count(b"<") < DEEPEST:
        return False
    depth = deepest = 0
    for tag in _TAG.finditer(_QUOTED.sub(b"", body)):
        depth = max(0, depth - 1) if tag[1] else depth + (not tag[2])
        deepest = max(deepest, depth)
    return deepest > DEEPEST


def _joined(halves: re.Match[bytes]) -> bytes:
    """Return references to halves of pairs as signs that XML has; feedparser dies of others."""
    numbers = halves.group().decode().lower().replace("&#x", "0x").replace("&#", "").split(";")
    text = fit("".join(chr(int(number, 0 if "x" in number else 10)) for number in numbers[:-1]))
    return "".join(f"&#{ord(sign)};" for sign in text).encode()


def _whole(body: bytes) -> bool:
    """Tell whether a feed goes to its end, whatever follows it.

    In UTF-16 and its kin this is not looked into.
    """
    if b"\x00" in body[:4]:
        return True
    bounds = _BOUND.findall(body)
    return bool(bounds) and bounds[-1][0] == b"/" and bounds[-1][1].lower() not in _ENTRIES


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


def canonical(address: str) -> str | None:
    """Return an address by which the same thing is always known, or None when it is none.

    Google's redirections are unwrapped, tracking parameters go, the host is lower; the rest stays
    byte for byte, fragment included: « #p2 » or « #!/actu/12 » may be what tells one item.
    """
    try:
        parts = urlsplit(address.strip())
        host = parts.netloc.lower()
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host:
        return None
    if re.fullmatch(r"(www\.)?google\.[a-z.]+", host) and parts.path == "/url":
        query = parse_qs(parts.query)
        wrapped = (query.get("url") or query.get("q") or [""])[0]
        if wrapped.startswith(("http://", "https://")):
            return canonical(wrapped)
    query, fragment = _untracked("?", parts.query), _untracked("#", parts.fragment)
    return f"{parts.scheme.lower()}://{host}{parts.path or '/'}{query}{fragment}"


def _untracked(mark: str, text: str) -> str:
    kept = "&".join(part for part in text.split("&") if not _TRACKING.match(part))
    return mark + kept if kept else ""


def _entry(entry: dict[str, Any]) -> Entry | None:
    """Return an entry, or None for one of which nothing can be made: it spoils no other."""
    link = _said(entry, "link")
    content = cast("list[dict[str, Any]]", entry.get("content") or [])
    told = [_said(entry, "summary"), *(_said(part, "value") for part in content)]
    texts = [without_markup(text, escaped_twice=True) for text in dict.fromkeys(told) if text]
    guid, title = (
        _said(entry, "id"),
        without_markup(_said(entry, "title") or "", escaped_twice=True),
    )
    if not (guid or link or title or texts):
        return None
    return Entry(
        guid=guid,
        address=canonical(link) if link else None,
        title=line(title) or "",
        text=max(texts, key=len, default=""),
        published_at=_date(entry),
        kind=_kind(entry),
    )


def _said(holder: dict[str, Any], name: str) -> str | None:
    value = holder.get(name)
    return _mended(fit(value)).strip() or None if isinstance(value, str) else None


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
    """Return the date of publication, else of the last change."""
    dates = (read_feed_date(_said(holder, name)) for name in ("published", "updated", "created"))
    return next(filter(None, dates), None)


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
