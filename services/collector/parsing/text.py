"""Texts as we keep them: without markup, entities decoded, of signs that XML allows.

All is linear in the length of what a network sent, however its tags nest.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from libs.matching.derived import derive

LONGEST_TEXT = 100_000
LONGEST_LINE = 2_000
"""Signs of a title, a name: what is longer is none, and no record of the broker holds it."""

LONGEST_MARKUP = 20 * LONGEST_TEXT
"""Characters of HTML that are read for a text."""

_TAG = re.compile(
    r"""<(?:(?P<close>/)?(?P<name>[a-zA-Z][^\s/>]*+)(?:[^>=]|=\s*+(?:"[^"]*"|'[^']*'|))*+>"""
    r"|!--(?:-?>|.*?-->)|(?!!--)[!/?][^>]*>)",
    re.DOTALL,
)
_OPENS = re.compile(r"<(?=[a-zA-Z!/?])")
_ENTITY = re.compile(r"&(#\d+|#[xX][\da-fA-F]+|[a-zA-Z]{2,10});")
_UNSHOWN = frozenset(("iframe", "noembed", "noframes", "script", "style", "template", "title"))
_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|caption|center|d[dlt]|details|dialog|dir|div|fieldset"
    "|figcaption|figure|footer|form|h[1-6]|header|hgroup|hr|legend|li|main|menu|nav|ol|optgroup"
    "|option|p|pre|section|summary|table|tbody|t[dhr]|tfoot|thead|ul"
)
_ENDS_LINE = re.compile("br|/(p|div|li|h[1-6])")
_HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
_SPACES = re.compile(r"[ \t\u00a0\x0b\x0c]+")
_BLANKS = re.compile(r"\s{2,}")
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def without_markup(text: str, *, escaped_twice: bool = False) -> str:
    """Return the text of an HTML fragment: tags gone, blocks apart, entities decoded.

    With `escaped_twice`, as feeds often are, what still holds entities or tags after one decoding
    is decoded once more.
    """
    text = text[:LONGEST_MARKUP]
    for _ in range(2 if escaped_twice else 1):
        if _OPENS.search(text):
            text = "".join(_shown(text))
        elif _ENTITY.search(text):
            text = html.unescape(text)
    return tidy(text)


def _shown(text: str) -> Iterator[str]:
    """Give the shown parts of an HTML fragment, with line ends where blocks meet.

    As browsers read it (HTML, section 13.2.5): what a tag or a comment left open holds is lost.
    """
    at, ended = 0, True
    while opens := _OPENS.search(text, at):
        part = html.unescape(text[at : opens.start()])
        yield part
        ended = part.endswith("\n") if part else ended
        tag = _TAG.match(text, opens.start())
        if tag is None:
            return
        at, name = tag.end(), (tag["name"] or "").lower()
        ends = _ENDS_LINE.fullmatch(f"{tag['close'] or ''}{name}")
        if ends or (not ended and _BLOCKS.fullmatch(name)):
            yield "\n"
            ended = True
        if name in _UNSHOWN and not tag["close"]:
            end = re.compile(rf"(?i)</{name}(?=[\s/>])").search(text, at)
            if end is None:
                return
            at = end.start()
    yield html.unescape(text[at:])


def tidy(text: str) -> str:
    """Return a text with single spaces and at most one empty line in a row, fit to travel."""
    text = _SPACES.sub(" ", fit(text).replace("\r", ""))
    return _BLANKS.sub(_apart, text).strip()


def _apart(blanks: re.Match[str]) -> str:
    return "\n\n" if blanks.group().count("\n") > 1 else blanks.group()


def fit(text: str) -> str:
    """Return a text that travels: no sign that XML forbids, U+FFFD for half of a pair."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _FORBIDDEN.sub("", text)


def line(text: str | None) -> str | None:
    """Return a title or a name on one line, fit to travel, or None when nothing is left of it."""
    return " ".join(fit(text or "").split())[:LONGEST_LINE] or None


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags of a text, without `#`, in lower case, each once, in order."""
    return tuple(dict.fromkeys(tag.lower() for tag in _HASHTAG.findall(text)))[:100]


def hashtags_of(text: str, named: Iterable[str]) -> tuple[str, ...]:
    """Return the hashtags that a network names, as `hashtags` does; else those of the text."""
    return tuple(dict.fromkeys(tag[:LONGEST_LINE].lower() for tag in named if tag))[
        :100
    ] or hashtags(text)


def derived_of(text: str, tags: tuple[str, ...]) -> dict[str, Any]:
    """Return what is kept of a post's text, which itself leaves after 30 days."""
    hashtags = hashtags_of(text, tags)
    derived = derive(text, hashtags)
    return {
        "text_length": len(text),
        "hashtags": hashtags,
        "topics": derived.topics,
        "fingerprint": derived.fingerprint,
    }
