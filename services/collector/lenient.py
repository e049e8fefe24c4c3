"""Answers read leniently: a bad field is left out, a bad item dropped, neighbours are read.

Networks' JSON is decoded by its type first. Where that fails, what fails is taken out, one after
the other: a field leaves its default, a thing without what it needs leaves its list.
A counter below zero is one that is hidden; an address is kept when a page may link to it.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from contracts.accounts import AccountCounter
from contracts.event import AbsenceReason
from contracts.posts import PostCounter

T = TypeVar("T")
C = TypeVar("C", AccountCounter, PostCounter)

DROPPED = "unusable item"
"""Counts things of an answer that could not be read: what is not in it may have been one."""

MOST_BAD = 300
"""Bad fields of one answer beyond which it is none; a page has a hundred items."""

_HALF = re.compile("[\ud800-\udfff]")
_PATH = re.compile(r" - at `\$(.+)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def decode(body: bytes, form: type[T], skipped: Counter[str]) -> T:
    """Return an answer's body as its form; what had to be taken out is counted in `skipped`.

    Half of a surrogate pair and bytes that are no UTF-8 become U+FFFD. Raises
    `msgspec.DecodeError` when the body is no JSON, or what is left of it not the form.
    """
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.DecodeError as error:
        try:
            said = json.dumps(json.loads(body.decode(errors="replace")), ensure_ascii=False)
        except ValueError:
            raise error from None
        return _mended(json.loads(_HALF.sub("\ufffd", said)), form, skipped)


def decode_each(body: bytes, form: type[T], skipped: Counter[str]) -> dict[str, T]:
    """Return the objects of a body that is an object of objects, by name, as `decode` does."""
    found: dict[str, T] = {}
    for name, one in decode(body, dict[str, Any], skipped).items():
        try:
            found[name] = _mended(one, form, skipped)
        except msgspec.ValidationError:
            skipped[DROPPED] += 1
    return found


def _mended(content: Any, form: type[T], skipped: Counter[str]) -> T:
    for _ in range(MOST_BAD):
        try:
            return msgspec.convert(content, form)
        except msgspec.ValidationError as error:
            path = _PATH.search(str(error))
            if path is None:
                raise
            skipped[_take_out(content, path[1])] += 1
    return msgspec.convert(content, form)


def _take_out(content: Any, path: str) -> str:
    """Take a field out of its object, or an item out of its list; return what it was.

    A field of the answer itself may have been the list of all that was asked for.
    """
    steps = [name or int(number) for name, number in _STEP.findall(path)]
    for step in steps[:-1]:
        content = content[step]
    del content[steps[-1]]
    if isinstance(content, list) or len(steps) == 1:
        return DROPPED
    return f"unusable: {cast('str', steps[-1])}"


def counted(
    counters: Mapping[C, int | None],
    absent: Mapping[C, AbsenceReason] | None,
    unpublished: Mapping[C, AbsenceReason],
) -> tuple[dict[C, int | None], dict[C, AbsenceReason]]:
    """Return counters, and why the null ones are: below zero is null, hidden."""
    known = {n: None if v is None or v < 0 else v for n, v in counters.items()}
    reasons: dict[C, AbsenceReason] = {
        name: (absent or {}).get(name, "not_asked") if counters[name] is None else "hidden"
        for name, value in known.items()
        if value is None
    }
    return known, {**reasons, **unpublished}


def web_address(address: str | None) -> str | None:
    """Return an address that a page may link to: strangers also write `javascript:` and `data:`."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None
