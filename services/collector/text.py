"""Texts as we keep them: without markup, entities decoded, with their hashtags."""

import html
import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser

_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_ENTITY = re.compile(r"&(#\d+|#[xX][\da-fA-F]+|[a-zA-Z]{2,10});")
_BREAKS = re.compile(r"(?i)<(br|/p|/div|/li|/h\d)\b[^>]*>")
_HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\s*\n\s*\n\s*")


def without_markup(text: str, *, escaped_twice: bool = False) -> str:
    """Return the text of an HTML fragment: tags gone, breaks kept, entities decoded.

    With `escaped_twice`, as feeds often are, what still holds entities or tags after one decoding
    is decoded once more (reference: platform APIs, section 18).
    """
    for _ in range(2 if escaped_twice else 1):
        if "<" in text and _TAG.search(text):
            parsed = LexborHTMLParser(_BREAKS.sub(lambda tag: f"{tag.group()}\n", text))
            parsed.strip_tags(["script", "style"], recursive=True)
            body = parsed.body
            text = body.text(deep=True) if body else ""
        elif _ENTITY.search(text):
            text = html.unescape(text)
    return tidy(text)


def tidy(text: str) -> str:
    """Return a text with single spaces and at most one empty line in a row."""
    return _LINES.sub("\n\n", _SPACES.sub(" ", text.replace("\r", ""))).strip()


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags of a text, without `#`, in lower case, each once, in order."""
    return tuple(dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(text)))[:100]


def hashtags_of(text: str, named: Iterable[str]) -> tuple[str, ...]:
    """Return the hashtags that a network names, as `hashtags` does; else those of the text."""
    return tuple(dict.fromkeys(tag.lower() for tag in named if tag))[:100] or hashtags(text)
