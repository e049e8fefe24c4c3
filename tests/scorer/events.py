"""Events for the tests of intake: valid ones built at random, and real samples made wrong."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st

from contracts.event import Event, Moment, Record
from contracts.topics import Topic
from tests.events import samples

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59, 59, 999_999)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


def events(model: type[Event]) -> st.SearchStrategy[Event]:
    """Any valid event of a simulation."""
    return _records(model).filter(lambda event: event.origin != "live")


def _records(model: type[Record]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(model, include_extras=True)
    fields = {name: _values(hints[name]) for name in model.model_fields}
    return st.fixed_dictionaries(fields).map(lambda values: model(**values))


def _values(hint: Any) -> st.SearchStrategy[Any]:
    if hint is Moment:
        return INSTANTS
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = {type(each): each for each in arguments[1:]}
        if arguments[0] is int:
            return st.integers(bounds[Ge].ge, bounds[Le].le)
        least = bounds[MinLen].min_length if MinLen in bounds else 0
        if get_origin(arguments[0]) is tuple:
            (held, _) = get_args(arguments[0])
            return st.lists(_values(held), min_size=least, max_size=3).map(tuple)
        most = min(bounds[MaxLen].max_length, 40)
        return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=most)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(_values, arguments))
    if origin is tuple:
        return st.lists(_values(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(_values(arguments[0]), _values(arguments[1]), max_size=3)
    if hint is type(None):
        return st.none()
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(0, 2**40)
    if isinstance(hint, type) and issubclass(hint, Record):
        return _records(hint)
    return TEXTS


ODD_VALUES: tuple[bytes, ...] = (
    *(b"null", b"true", b"false", b'""', b"{}", b"[]", b"[1]", b'{"a":1}', b'"x"', b'" "'),
    *(b"0", b"-0", b"-1", b"1", b"1.0", b"1.5", b"1e3", b"1E3", b"1e400", b"01", b"+1", b".5"),
    *(b"NaN", b"Infinity", b"-Infinity", b"0x10", b"1_000", b'"12"', b'"0"', b"1e-5"),
    *(b"4611686018427387904", b"4611686018427387905", b"9223372036854775808"),
    *(b"18446744073709551615", b"18446744073709551616", b"340282366920938463463374607431768211456"),
    *(b'"2026-02-30T00:00:00Z"', b'"2026-11-24"', b'"2026-11-24T08:40:00"', b"1795500000"),
    *(b'"2026-11-24 08:40:00Z"', b'"2026-11-24t08:40:00z"', b'"2026-11-24T08:40:00+01:00"'),
    *(b'"2026-11-24T08:40:00+0100"', b'"2026-11-24T08:40:00.5Z"', b'"2026-11-24T08:40Z"'),
    *(
        b'"2026-11-24T08:40:00.1234567Z"',
        b'"2026-11-24T08:40:00.123456789Z"',
        b'"20261124T084000Z"',
    ),
    *(b'"2026-11-24T08:40:60Z"', b'"2026-11-24T24:00:00Z"', b'"0000-00-00T00:00:00Z"'),
    *(b'"1999-12-31T23:59:59Z"', b'"2100-01-01T00:00:00Z"', b'"2099-12-31T23:59:59-01:00"'),
    *(b'"2000-01-01T00:30:00+01:00"', b'"1970-01-01T00:00:00Z"', b'"+2026-11-24T08:40:00Z"'),
    *(b'"2026-11-24T08:40:00Z "', b'"1795500000"', b'"now"', b'"2026-11-24T08:40:00-00:00"'),
    *(b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud83d\\ude00"', b'"\\u0000"', b'"\\/"', b'"\\x41"'),
    *(b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\x00"', b'"\n"', b'"\t"'),
    *(b'"\\u0041"', b"'x'", b'"live"', b'"simulation"', b'"declared"', b'"present"', b'"Present"'),
    b'"' + b"x" * 513 + b'"',
    b'"' + b"y" * 100_001 + b'"',
    b"[" * 2_000,
    b'{"likes":"hidden","likes":"not_asked"}',
    b'{"likes":null}',
    b'{"likes":"hidden"}',
    b'{"followers":"hidden"}',
    b'["a","a"]',
    b'["a",1]',
)
"""What may stand where a value should: forms that JSON, msgspec, pydantic or ClickHouse bend."""

ODD_CHARACTERS = "aZ09 \t\n\r\0\x7f\"\\/'<>{}[],:é\u00a0\u202fß中\u2028\ufeff\ufffd\uffff😀👩"

ODD_BYTES: tuple[bytes, ...] = (
    *(
        b"", b" ", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b'"', b",",
        b":",
    ),
    *(b"\\", b"{}", b"\n{}", b"0", b"-", b".", b"e", b"//", b"/**/", b"\\u0000", b"\xc2\xa0"),
)  # fmt: skip


def mutated(topic: Topic) -> st.SearchStrategy[bytes]:
    """A real sample, made wrong or only odd in one to three places."""
    return st.tuples(st.sampled_from(samples(topic)), st.randoms(use_true_random=False)).map(
        lambda drawn: spoil(*drawn)
    )


def spoil(value: bytes, chance: Random) -> bytes:
    """Make a record wrong, or only odd, in one to three places."""
    for _ in range(chance.randint(1, 3)):
        value = chance.choice(_MUTATIONS)(value, chance)
    return value


def _other_value(value: bytes, chance: Random) -> bytes:
    return _with_field(value, chance, lambda name, old: [(name, chance.choice(ODD_VALUES))])


def _no_field(value: bytes, chance: Random) -> bytes:
    return _with_field(value, chance, lambda name, old: [])


def _field_twice(value: bytes, chance: Random) -> bytes:
    odd = chance.choice(ODD_VALUES)
    return _with_field(value, chance, lambda name, old: [(name, odd), (name, old)])


def _field_twice_odd_last(value: bytes, chance: Random) -> bytes:
    odd = chance.choice(ODD_VALUES)
    return _with_field(value, chance, lambda name, old: [(name, old), (name, odd)])


def _unknown_field(value: bytes, chance: Random) -> bytes:
    odd = chance.choice(ODD_VALUES)
    unknown = chance.choice([b'"later"', b'"Followers"', b'""', b'"\\u0065vent_id"'])
    return _with_field(value, chance, lambda name, old: [(name, old), (unknown, odd)])


def _escaped_name(value: bytes, chance: Random) -> bytes:
    return _with_field(value, chance, lambda name, old: [(b'"\\u%04x' % name[1] + name[2:], old)])


def _other_text(value: bytes, chance: Random) -> bytes:
    text = "".join(chance.choices(ODD_CHARACTERS, k=chance.randint(0, 12)))
    written = json.dumps(text, ensure_ascii=chance.random() < 0.5).encode()
    return _with_field(value, chance, lambda name, old: [(name, written)])


def _other_number(value: bytes, chance: Random) -> bytes:
    number = b"%d" % chance.randint(-(2**70), 2**70)
    return _with_field(value, chance, lambda name, old: [(name, number)])


def _other_bytes(value: bytes, chance: Random) -> bytes:
    at = chance.randint(0, len(value))
    upto = chance.randint(at, min(len(value), at + 3))
    inserted = chance.choice([*ODD_BYTES, bytes([chance.randint(0, 255)])])
    return value[:at] + inserted + value[upto:]


def _cut(value: bytes, chance: Random) -> bytes:
    return value[: chance.randint(0, len(value))]


def _two(value: bytes, chance: Random) -> bytes:
    return value + chance.choice([b"", b"\n", b","]) + value


def _blanks(value: bytes, chance: Random) -> bytes:
    return b" " + value.replace(b",", b" ,\n") + b"\r\n"


_MUTATIONS = (
    *(_other_value,) * 6,
    *(_no_field, _field_twice, _field_twice_odd_last, _unknown_field, _escaped_name),
    *(_other_text, _other_number, _other_bytes, _other_bytes, _cut, _two, _blanks),
)


class _Members(list[tuple[str, Any]]):
    """The members of an object, in order, perhaps one name twice."""


def _with_field(
    value: bytes, chance: Random, change: Callable[[bytes, bytes], list[tuple[bytes, bytes]]]
) -> bytes:
    """Change one member of the outermost object; of what is no object any more, nothing."""
    try:
        members = json.loads(value, object_pairs_hook=_Members, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return value
    if not isinstance(members, _Members) or not members:
        return value
    written = [(_json(name), _json(each)) for name, each in members]
    at = chance.randrange(len(written))
    written[at : at + 1] = change(*written[at])
    return b"{" + b",".join(name + b":" + each for name, each in written) + b"}"


def _json(value: Any) -> bytes:
    if isinstance(value, _Members):
        members = (_json(name) + b":" + _json(each) for name, each in value)
        return b"{" + b",".join(members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(_json, value)) + b"]"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", errors="surrogatepass")
