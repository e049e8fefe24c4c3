"""Entities of Mastodon with all their keys, and texts as instances write them."""

from html import escape

from contracts.networks.mastodon import NETWORK as MASTODON
from simulation.country.days import DAY, iso
from simulation.country.mentions import Mention
from simulation.serving.exchange import Json

VERSION = "4.6.4"


def entity(host: str, user: str, native: str, created: int) -> Json:
    """An account with all its keys, at their usual values."""
    missing = f"https://{host}/headers/original/missing.png"
    return {
        "id": native,
        "username": user,
        "acct": user,
        "display_name": "",
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": True,
        "group": False,
        "created_at": f"{iso(created)[:10]}T00:00:00.000Z",
        "note": "",
        "url": f"https://{host}/@{user}",
        "uri": f"https://{host}/users/{user}",
        "avatar": f"https://{host}/avatars/original/missing.png",
        "avatar_static": f"https://{host}/avatars/original/missing.png",
        "avatar_description": "",
        "header": missing,
        "header_static": missing,
        "header_description": "",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": 0,
        "last_status_at": None,
        "hide_collections": False,
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "noindex": False,
        "feature_approval": {"automatic": ["public"], "manual": [], "current_user": "automatic"},
        "emojis": [],
        "roles": [],
        "fields": [],
    }


def status(host: str, user: str, native: str, created: str) -> Json:
    """A status with all its keys, at their usual values."""
    return {
        "id": native,
        "created_at": created,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "fr",
        "uri": f"https://{host}/users/{user}/statuses/{native}",
        "url": f"https://{host}/@{user}/{native}",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": None,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "pinned": False,
        "content": "",
        "filtered": [],
        "reblog": None,
        "application": {"name": "Web", "website": None},
        "account": {},
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "tagged_collections": [],
        "quote": None,
        "card": None,
        "poll": None,
        "quote_approval": {"automatic": ["public"], "manual": [], "current_user": "automatic"},
    }


def said(mention: Mention, native: str, host: str) -> Json:
    """What a citizen says, as the instance gives it."""
    user, millis = f"citoyen{mention.author}", mention.number % 1000
    tags = [word[1:].lower() for word in mention.text.split() if word[0] == "#"]
    since = mention.moment - 700 * DAY
    return status(host, user, native, f"{iso(mention.moment)}.{millis:03d}Z") | {
        "content": html(mention.text, host),
        "account": entity(host, user, str(1000 + mention.author), since),
        "tags": [{"name": tag, "url": f"https://{host}/tags/{tag}"} for tag in tags],
    }


def html(text: str, host: str) -> str:
    """A text as instances write it: paragraphs, links, hashtags."""
    pieces: list[str] = []
    for line in text.split("\n"):
        words = [_word(word, host) for word in line.split(" ")]
        pieces.append(" ".join(words))
    return f"<p>{'<br />'.join(pieces)}</p>"


def _word(word: str, host: str) -> str:
    if word.startswith("#") and word[1:].isalnum():
        tag = word[1:]
        link = f'<a href="https://{host}/tags/{tag.lower()}" class="mention hashtag" rel="tag">'
        return f"{link}#<span>{tag}</span></a>"
    if word.startswith("https://"):
        return (
            f'<a href="{escape(word)}" target="_blank" rel="nofollow noopener">{escape(word)}</a>'
        )
    return escape(word, quote=False)


def instance(host: str) -> Json:
    """What an instance says of itself (``/api/v2/instance``)."""
    return {
        "domain": host,
        "title": host,
        "version": VERSION,
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "Une instance d’un monde inventé.",
        "usage": {"users": {"active_month": 1200}},
        "languages": ["fr"],
        "configuration": {
            "urls": {"streaming": f"wss://{host}", "status": None},
            "statuses": {"max_characters": 500},
            "timelines_access": {
                "live_feeds": {"local": "public", "remote": "public"},
                "hashtag_feeds": {"local": "public", "remote": "public"},
                "trending_link_feeds": {"local": "public", "remote": "public"},
            },
            "limited_federation": False,
        },
        "registrations": {
            "enabled": True,
            "approval_required": False,
            "message": None,
            "url": None,
        },
        "api_versions": {MASTODON.slug: 11},
        "contact": {"email": f"contact@{host}", "account": None},
        "rules": [],
    }
