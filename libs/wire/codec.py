"""Reading at full speed what is to be stored, exactly as the pydantic models read it.

The rule: a record is bad when strict pydantic refuses it, else it must
arrive. `model_validate_json` costs 5 to 10 µs a record; so a struct type is generated from each
model, and a record takes the fast way only if

- msgspec decodes it by that type: every field, type, bound and literal, nothing unknown;
- every instant is in UTC and within the years of `contracts.event`;
- written again, it gives the very same bytes.

The last is what makes it safe: bytes that are their own canonical form hold no field twice, no odd
number, date or escape, no blank, that ClickHouse might read differently from pydantic. Records that
fail the fast way are validated by pydantic: refused with a reason, or accepted and written again in
the canonical form. What our producers write is canonical (tests/scorer/test_reading.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ValidationError

from contracts.event import (
    EARLIEST_MOMENT,
    LATEST_MOMENT,
    Event,
    Installation,
    Moment,
    Origin,
    Record,
)

E = TypeVar("E", bound=Event)

_encoder = msgspec.json.Encoder()
_TOGETHER = 64
"""Records written again and compared at once: few enough to stay in the processor's cache."""

_UTC = {UTC}
_UNREADABLE = (msgspec.DecodeError, ValueError, OverflowError, RecursionError, TypeError)
_BOUNDS: Mapping[type, tuple[str, str]] = {
    Ge: ("ge", "ge"),
    Le: ("le", "le"),
    MinLen: ("min_length", "min_length"),
    MaxLen: ("max_length", "max_length"),
}


class Reader:
    """Reads the records of one event, for one installation: all that is stored passes here."""

    def __init__(self, event: type[Event], installation: Installation) -> None:
        self._event = event
        self._installation: Installation = installation
        read = struct_of(event, origins_of(installation))
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(read).decode
        self._impossible = instants_check(event)

    def read(self, value: bytes | None) -> bytes | str:
        """Return the canonical bytes of a good record, or the reason (`str`) why it is bad."""
        good, bad = self.read_all([value])
        return good[0] if good else bad[0][1]

    def read_all(self, values: Sequence[bytes | None]) -> tuple[list[bytes], list[tuple[int, str]]]:
        """Read many: the canonical bytes of the good ones in order; index and reason of others."""
        good: list[bytes] = []
        bad: list[tuple[int, str]] = []
        for start in range(0, len(values), _TOGETHER):
            part = cast("Sequence[bytes]", values[start : start + _TOGETHER])
            read = 0
            for place in self._doubtful(part):
                good += part[read:place]
                read = place + 1
                judged = self._validated(part[place])
                if isinstance(judged, bytes):
                    good.append(judged)
                else:
                    bad.append((start + place, judged))
            good += part[read:]
        return good, bad

    def _doubtful(self, values: Sequence[bytes]) -> Sequence[int]:
        """Return the places of the records that do not take the fast way, in order.

        Records are written again all at once: so many lines are the texts joined only if each
        line is its text, since what is written has no end of line within.
        """
        refused, records = self._decoded(values)
        places, texts = list(range(len(values))), list(values)
        for index in reversed(refused):
            del places[index], texts[index]
        for index in sorted(self._impossible(records), reverse=True):
            del places[index], texts[index], records[index]
        written = _encoder.encode_lines(records)
        joined = b"\n".join(texts)
        if len(written) != len(joined) + 1 or not written.startswith(joined):
            same = zip(places, texts, written.split(b"\n"), strict=False)
            places = [place for place, text, line in same if text == line]
        if len(places) == len(values):
            return ()
        return sorted(set(range(len(values))).difference(places))

    def _decoded(self, values: Iterable[bytes]) -> tuple[list[int], list[Any]]:
        """Decode what can be: the places of what cannot, the records of the others."""
        decode = self._decode
        refused: list[int] = []
        records: list[Any] = []
        rest = iter(values)
        while True:
            try:
                for value in rest:
                    records.append(decode(value))  # noqa: PERF401 (what precedes a bad one stays)
            except _UNREADABLE:
                # Pydantic says why.
                refused.append(len(refused) + len(records))
            else:
                return refused, records

    def _validated(self, value: bytes | None) -> bytes | str:
        judged = validated(self._event, value, self._installation)
        return judged if isinstance(judged, str) else judged.encode()


def validated(event: type[E], value: bytes | None, installation: Installation) -> E | str:
    """Return what a record says, or in one line why it is bad: the one rule of every consumer.

    A record is good when strict pydantic reads it as the event, and its origin has a place in the
    installation.
    """
    if value is None:
        return "byte 0: nothing where a record should be"
    try:
        read = event.read(value)
    except ValidationError as error:
        return reason_of(error)
    if read.origin not in origins_of(installation):
        return foreign_origin(read.origin, installation)
    return read


def origins_of(installation: Installation) -> tuple[Origin, ...]:
    """Return the origins that have a place in an installation."""
    return (installation, "declared")


def foreign_origin(origin: Origin, installation: str) -> str:
    """Say why an event of the other kind of installation is refused."""
    return f"origin: an event « {origin} » in an installation « {installation} »"


def reason_of(error: ValidationError) -> str:
    """Say in one line which field of a record is bad and why.

    Where the record is not one JSON object, the byte offset stands in place of the field.
    """
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    if place:
        return f"{place}: {first['msg']}"
    given = first["input"]
    if first["type"] == "json_invalid" and isinstance(given, str | bytes):
        return _reason_of_text(given.encode() if isinstance(given, str) else given, first["msg"])
    return f"byte 0: {first['msg']}"


def _reason_of_text(text: bytes, message: str) -> str:
    """Say where a text stops being one JSON object."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start}: not UTF-8 ({error.reason})"
    what, _, place = message.removeprefix("Invalid JSON: ").rpartition(" at line ")
    if what.startswith("EOF"):
        return f"byte {len(text)}: {what}"
    line, _, column = place.partition(" column ")
    before = sum(len(each) + 1 for each in text.split(b"\n")[: int(line) - 1])
    # The parser counts columns from one, and a column zero is the end of the line before.
    return f"byte {max(0, before + int(column) - 1)}: {what}"


@cache
def struct_of(model: type[Record], origins: tuple[Origin, ...] = ()) -> type[msgspec.Struct]:
    """Return the struct type of a model: same fields, same order, same bounds, nothing unknown.

    An event whose origin is none of `origins` is refused, where they are given.
    Raises `TypeError` for a type of field that has no equivalent yet.
    """
    hints = get_type_hints(model, include_extras=True)
    fields: list[Any] = []
    for name, field in model.model_fields.items():
        type_ = _fast_type(hints[name], f"{model.__name__}.{name}")
        if name == "origin" and origins:
            type_ = Literal[origins]
        if field.is_required():
            fields.append((name, type_))
        else:
            default = cast("object", field.get_default(call_default_factory=True))
            fields.append((name, type_, _default(default)))
    return msgspec.defstruct(
        model.__name__,
        fields,
        module=model.__module__,
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )


def instants_check(model: type[Record]) -> Callable[[Sequence[Any]], AbstractSet[int]]:
    """Return what finds, among records, the places of those that hold an impossible instant.

    An instant is possible in UTC, in the years that `contracts/event.py` allows.
    """
    hints = get_type_hints(model, include_extras=True)
    names = [name for name in model.model_fields if Moment in _members(hints[name])]
    nested = [
        (attrgetter(name), instants_check(part))
        for name in model.model_fields
        for part in _records(hints[name])
        if _holds_instants(part)
    ]
    instants: list[Callable[[Any], datetime | None]] = [attrgetter(name) for name in names]

    def impossible(records: Sequence[Any]) -> AbstractSet[int]:
        found: set[int] = set()
        for instant in instants:
            moments = list(map(instant, records))
            # An instant is never false; null is.
            if not _possible(list(filter(None, moments))):
                found |= {
                    place for place, each in enumerate(moments) if each and not _possible([each])
                }
        for field, check in nested:
            if check([part for value in map(field, records) for part in _parts(value)]):
                found |= {
                    place for place, each in enumerate(records) if check([*_parts(field(each))])
                }
        return found

    return impossible


def _possible(moments: Sequence[datetime]) -> bool:
    """Tell whether all moments are in UTC and in the years we know."""
    return not moments or (
        min(moments) >= EARLIEST_MOMENT
        and max(moments) < LATEST_MOMENT
        and {moment.tzinfo for moment in moments} == _UTC
    )


def _fast_type(hint: Any, place: str) -> Any:
    if hint is Moment:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if hint in (str, int, bool, NoneType) or get_origin(hint) is Literal:
        return hint
    if isinstance(hint, type) and issubclass(hint, Record):
        return struct_of(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[_fast_type(arguments[0], place), _meta(arguments[1:], place)]
    if origin in (Union, UnionType):
        return Union[tuple(_fast_type(each, place) for each in arguments)]  # noqa: UP007
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple[_fast_type(arguments[0], place), ...]
    if origin is dict:
        key, value = (_fast_type(each, place) for each in arguments)
        return dict[key, value]
    raise TypeError(f"{place}: no fast way to read {hint!r}")


def _meta(constraints: tuple[Any, ...], place: str) -> msgspec.Meta:
    bounds: dict[str, Any] = {}
    for constraint in constraints:
        if type(constraint) not in _BOUNDS:
            raise TypeError(f"{place}: no fast way to check {constraint!r}")
        ours, theirs = _BOUNDS[type(constraint)]
        bounds[theirs] = getattr(constraint, ours)
    return msgspec.Meta(**bounds)


def _default(value: object) -> object:
    """Return a default as the struct wants it: an empty dict is a factory, tuples are immutable."""
    if value == {}:
        return msgspec.field(default_factory=dict[Any, Any])
    return value


def _members(hint: Any) -> tuple[Any, ...]:
    """Return the members of an optional, or the type alone."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _records(hint: Any) -> list[type[Record]]:
    """Return the models that a field holds, alone, optional, in a tuple, or as values."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [cast("type[Record]", hint)]
    if hint is Moment or get_origin(hint) is Annotated:
        return []
    return [part for each in get_args(hint) for part in _records(each)]


def _holds_instants(model: type[Record]) -> bool:
    hints = get_type_hints(model, include_extras=True)
    return any(
        Moment in _members(hints[name]) or any(map(_holds_instants, _records(hints[name])))
        for name in model.model_fields
    )


def _parts(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    if isinstance(value, tuple):
        return cast("tuple[Any, ...]", value)
    if isinstance(value, dict):
        return [part for each in cast("dict[str, Any]", value).values() for part in _parts(each)]
    return (value,)
