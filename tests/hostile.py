"""Records that nobody honest writes, of any topic, drawn from a seed: the same seed, the same ones.

Samples made wrong, and events that every reader takes for good and that say nothing sensible: ids
that are nobody's or somebody else's, words that no query can read, moments of another century,
networks and fields of a newer version, keys and partitions that are another's.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen

from contracts.event import Event, Moment, Record
from contracts.topics import Topic
from tests.events import samples
from tests.scorer.events import ODD_BYTES, ODD_CHARACTERS, spoil

NOW = datetime(2026, 11, 24, 7, 43, tzinfo=UTC)
LARGEST_VALUE = 900_000

TEXTS = (
    "w1", "w2", "a1", "s1", "00101", "account-1", "bluesky", "instagram", "rss", "youtube",
    "novel-network", "scheduler", "pause:bluesky:all", "stream:bluesky", "2026-10", "fr",
    "mailto:a@essai.example", "mailto:é@b", "slack://T/B/s", "pigeon://loft/7", "mailto:",
    "https://bsky.app/profile/did:plc:a/post/1", "http://127.0.0.1/", "javascript:alert(1)",
    "http://[::1", "mairie@écommoy.example", "@", "a@b@c", "coupure d’eau", "*", '"', "(", "ET",
    "OU (", "SAUF", "PROCHE/5", "a PROCHE/99999999999999999999 b", "()))", "ino*", "Mars/Phobos",
    "../../etc/passwd", "Europe/Paris", "\0", "\x1b[2J", "\u202e", "ﷺ" * 40, "é" * 300, "{x}", "%s",
    "{{ 7 * 7 }}", "<script>", "' OR 1=1 --", "AAAA", "not base64!", "9" * 400, " ", "",
)  # fmt: skip
MOMENTS = (
    NOW, NOW - timedelta(seconds=2), NOW - timedelta(days=29), NOW + timedelta(hours=23),
    datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)  # fmt: skip
ODD_TEXTS = 100
"""So many there are: tables keep a row of each name, so that all names are known within the first
50,000 records of a long run, and what grows after them is a leak."""

NUMBERS = (0, 1, 2, 7, 1_000, 2**31, 2**53 + 1, 2**62)
KEYS = (None, b"", b"w1", b"\xff\xfe", b"k" * 5_000, "é".encode())


@dataclass(frozen=True, slots=True)
class Written:
    """A record to write."""

    key: bytes | None
    value: bytes | None
    partition: int


def drawn(model: type[Event], chance: Random) -> Event:
    """An event that strict pydantic takes, of a simulation, whatever it says."""
    return _record(model, chance).model_copy(update={"origin": "simulation"})


def _record(model: type[Record], chance: Random) -> Any:
    hints = _hints(model)
    fields = {
        name: _value(hints[name], chance)
        for name, field in model.model_fields.items()
        if field.is_required() or chance.random() < 0.6
    }
    return model.model_validate(fields)


@cache
def _hints(model: type[Record]) -> dict[str, Any]:
    return get_type_hints(model, include_extras=True)


def _value(hint: Any, chance: Random, least: int = 0, most: int = 2_000) -> Any:
    if hint is Moment:
        return chance.choice(MOMENTS)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = {type(each): each for each in arguments[1:]}
        if arguments[0] is int:
            low, high = bounds[Ge].ge, bounds[Le].le
            return chance.choice([low, high, *(n for n in NUMBERS if low <= n <= high)])
        least = bounds[MinLen].min_length if MinLen in bounds else 0
        most = bounds[MaxLen].max_length if MaxLen in bounds else most
        return _value(arguments[0], chance, least, most)
    if origin is Literal:
        return chance.choice(arguments)
    if origin in (Union, UnionType):
        return _value(chance.choice(arguments), chance)
    if origin is tuple:
        return tuple(_value(arguments[0], chance) for _ in range(chance.randint(least, least + 2)))
    if origin is dict:
        return {_value(arguments[0], chance): _value(arguments[1], chance) for _ in range(2)}
    if hint is type(None):
        return None
    if hint is bool:
        return chance.random() < 0.5
    if hint is int:
        return chance.choice(NUMBERS)
    if isinstance(hint, type) and issubclass(hint, Record):
        return _record(hint, chance)
    if isinstance(hint, type) and issubclass(hint, str) and hint is not str:
        return chance.choice(list(hint))  # type: ignore[call-overload]
    return _text(chance, least, most)


def _text(chance: Random, least: int, most: int) -> str:
    found = chance.choice(TEXTS)
    if chance.random() < 0.2:
        odd = Random(chance.randrange(ODD_TEXTS))
        found = "".join(odd.choices(ODD_CHARACTERS, k=odd.randint(0, 30)))
    found = found.replace("\ud800", "")[:most]
    return found if len(found) >= least else "x" * least


def _spoilt(topic: Topic, chance: Random) -> bytes:
    return spoil(chance.choice(samples(topic)), chance)


@cache
def _names(topic: Topic) -> frozenset[str]:
    return frozenset(topic.event.read(value).key for value in samples(topic))


def _drawn(topic: Topic, chance: Random) -> bytes:
    return drawn(topic.event, chance).encode()


def _newer(topic: Topic, chance: Random) -> bytes:
    """A record of a newer version: its network, fields and words are not known here."""
    record = json.loads(chance.choice([_drawn(topic, chance), chance.choice(samples(topic))]))
    record |= {"schema_version": 2, "novelty": {"deep": [1, None, {"a": "b"}]}}
    if "network" in record:
        record["network"] = chance.choice(["novel-network", "threads", "all", "x" * 20])
    if chance.random() < 0.5:
        name = chance.choice(list(record))
        record[name] = chance.choice(["a_word_of_later", {"of": "later"}, ["later"], 3.5])
    return json.dumps(record, ensure_ascii=False).encode()


def _elsewhere(topic: Topic, chance: Random) -> bytes:
    """A record of the other installation."""
    record = json.loads(chance.choice([_drawn(topic, chance), chance.choice(samples(topic))]))
    return json.dumps(record | {"origin": "live"}).encode()


def _odd(topic: Topic, chance: Random) -> bytes | None:
    return chance.choice(
        [None, *ODD_BYTES, b"null", b"[" * 100_000, b'{"a":' * 20_000, b'"\xed\xa0\x80"',
         b"{}", chance.randbytes(200), b'{"x":"%s"}' % (b"y" * LARGEST_VALUE)]
    )  # fmt: skip


Kinds = tuple[tuple[int, Callable[[Topic, Random], bytes | None]], ...]

KINDS: Kinds = (
    (6, _spoilt), (8, _drawn), (3, _newer), (2, _elsewhere), (1, _odd),
)  # fmt: skip
"""How often each, and what it writes."""

BEARABLE: Kinds = ((60, _spoilt), (800, _drawn), (100, _newer), (20, _elsewhere), (5, _odd))


def hostile(topic: Topic, chance: Random) -> Written:
    """Return a record to write to a topic."""
    return _written(topic, chance, KINDS)


def readable(topic: Topic, chance: Random) -> Written:
    """Return a record that every reader takes for good, under its own key."""
    said = drawn(topic.event, chance)
    return Written(said.key.encode(), said.encode(), chance.randrange(topic.partitions))


def bearable(topic: Topic, chance: Random) -> Written:
    """Return a record of which one in ten cannot be read: fewer than stop a reader."""
    return _written(topic, chance, BEARABLE)


def _written(topic: Topic, chance: Random, kinds: Kinds) -> Written:
    (kind,) = chance.choices([kind for _, kind in kinds], [often for often, _ in kinds])
    value = kind(topic, chance)
    key = chance.choice(KEYS)
    if chance.random() < 0.7 and value is not None:
        with suppress(ValueError, TypeError):
            own = topic.event.read(value).key
            # The names of spoilt records have no end; under another key they are no rows.
            if kind is not _spoilt or own in _names(topic):
                key = own.encode()
    if key is None and value is None:
        key = b""  # no client sends neither
    return Written(key, value, chance.randrange(topic.partitions))
