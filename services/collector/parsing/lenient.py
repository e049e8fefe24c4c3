"""Answers read leniently: a bad field is left out, a bad item dropped, neighbours are read.

Networks' JSON is decoded by its type first. Where that fails, what fails is taken out, from the
innermost: a field leaves its default, a thing without what it needs leaves its list.
A counter below zero is one that is hidden; an address is kept when a page may link to it.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec import UNSET, Struct, UnsetType

from contracts.accounts import AccountCounter
from contracts.event import AbsenceReason
from contracts.posts import PostCounter

T = TypeVar("T")
C = TypeVar("C", AccountCounter, PostCounter)

Given = int | UnsetType | None
"""A counter that is asked for by name."""

Figure = int | str | None
"""A counter that may come as a text."""

DROPPED = "unusable item"
"""Counts things of an answer that could not be read: what is not in it may have been one."""

_HALF = re.compile("[\ud800-\udfff]")


def told(body: bytes | str, form: type[T]) -> T | None:
    """Return a body as its form, None where it has another: an error, or none."""
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.DecodeError:
        return None


def figure(said: Figure) -> int | None:
    """Return a counter as a number; below zero stays so, and is taken for hidden."""
    try:
        return None if said is None else int(said)
    except ValueError:
        return None


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
    _fit(content, form, skipped, whole=True)
    return msgspec.convert(content, form)


def _fit(content: Any, form: Any, skipped: Counter[str], *, whole: bool = False) -> bool:
    """Take out of JSON what its form cannot hold; False when what is left is not the form.

    What is good is converted once a level, whatever else is bad. A field of the answer itself
    (`whole`) may have been the list of all that was asked for.
    """
    if _is(content, form):
        return True
    for step, part in _parts(content, form):
        if not _fit(content[step], part, skipped):
            del content[step]
            dropped = whole or isinstance(content, list)
            skipped[DROPPED if dropped else f"unusable: {step}"] += 1
    return _is(content, form)


def _is(content: Any, form: Any) -> bool:
    try:
        msgspec.convert(content, form)
    except msgspec.ValidationError:
        return False
    return True


def _parts(content: Any, form: Any) -> list[tuple[Any, Any]]:
    """Return the fields or the items of JSON, from the last, with the form of each."""
    for kind in get_args(form) if get_origin(form) in (Union, UnionType) else (form,):
        if isinstance(content, list) and get_origin(kind) in (list, tuple):
            return [
                (place, get_args(kind)[0])
                for place in reversed(range(len(cast("list[Any]", content))))
            ]
        if isinstance(content, dict) and get_origin(kind) is dict:
            return [(name, get_args(kind)[1]) for name in cast("dict[str, Any]", content)]
        if isinstance(content, dict) and isinstance(kind, type) and issubclass(kind, Struct):
            fields = msgspec.structs.fields(kind)
            return [(f.encode_name, f.type) for f in fields if f.encode_name in content]
    return []


def given(
    counters: Mapping[C, Given],
) -> tuple[dict[C, int | None], dict[C, AbsenceReason]]:
    """Return counters asked for by name, and why some are null.

    One that is given as null is hidden by its owner; one that is left out is refused to us.
    """
    known = {name: None if value is UNSET else value for name, value in counters.items()}
    reasons: dict[C, AbsenceReason] = {
        name: "hidden" if value is None else "not_permitted" for name, value in counters.items()
    }
    return known, reasons


def counted(
    counters: Mapping[C, int | None],
    absent: AbsenceReason | Mapping[C, AbsenceReason],
    unpublished: Mapping[C, AbsenceReason],
) -> tuple[dict[C, int | None], dict[C, AbsenceReason]]:
    """Return counters, and why the null ones are: below zero is null, hidden."""
    known = {n: None if v is None or v < 0 else v for n, v in counters.items()}
    why: Mapping[C, AbsenceReason] = absent if isinstance(absent, Mapping) else {}
    usual: AbsenceReason = "not_asked" if isinstance(absent, Mapping) else absent
    reasons: dict[C, AbsenceReason] = {
        name: why.get(name, usual) if counters[name] is None else "hidden"
        for name, value in known.items()
        if value is None
    }
    return known, {**reasons, **unpublished}
