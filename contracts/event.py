"""The frame of every event: frozen, strict to write, lenient to read.

Strict to write: unknown fields are refused, every instant is aware, every null counter says why.
Lenient to read: unknown fields are ignored, so that a reader one version behind goes on reading.
Within a version only optional fields are added.
"""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

import msgspec
from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, WithJsonSchema

Origin = Literal["live", "simulation", "declared"]
"""Where a figure comes from; the three never mix."""

Installation = Literal["live", "simulation"]
"""Where a process runs: what of the other kind reaches it is refused."""

AbsenceReason = Literal["not_published", "hidden", "not_permitted", "not_asked"]
"""Why a counter is null: the network has none, its owner hides it, we may not, we did not ask."""

NetworkSlug = Annotated[str, MinLen(1), MaxLen(20)]

LONGEST_ID = 512
"""Characters."""

Id = Annotated[str, MinLen(1), MaxLen(LONGEST_ID)]
"""Ids are strings: those of some networks exceed 2^53."""

Address = Annotated[str, MinLen(1), MaxLen(1024)]
"""Where somebody is told, whole or sealed (`libs/sealing.py`)."""

Text = Annotated[str, MaxLen(100_000)]

HIGHEST_COUNT = 2**62
"""What a counter holds at most: it fits 64 bits, sums of two too."""

Count = Annotated[int, Ge(0), Le(HIGHEST_COUNT)]

EARLIEST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
LATEST_MOMENT = datetime(2100, 1, 1, tzinfo=UTC)

_read_moment = msgspec.json.Decoder(Annotated[datetime, msgspec.Meta(tz=True)]).decode


def _moment(value: object) -> object:
    """Read an instant the way the fast readers do, so that both accept the same texts."""
    if isinstance(value, str):
        try:
            value = _read_moment(msgspec.json.encode(value))
        except (msgspec.DecodeError, OverflowError) as error:
            raise ValueError(f"not an RFC 3339 instant with a zone: {value!r}") from error
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        if not EARLIEST_MOMENT <= value < LATEST_MOMENT:
            raise ValueError(f"an instant outside {EARLIEST_MOMENT.year}–{LATEST_MOMENT.year}")
        return value.astimezone(UTC)
    return value


def _text_of_moment(value: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, the one form on the wire."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_text_of_moment, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, aware, UTC, between the years 2000 and 2100."""


class Record(BaseModel):
    """A frozen part of an event."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Event(Record):
    """What all events have; `key` is the Kafka key (see `contracts/topics.py`)."""

    event_id: Id
    origin: Origin

    @property
    def key(self) -> str:
        """Return the key by which the topic is partitioned."""
        raise TypeError(f"{type(self).__name__} does not say its key")

    @classmethod
    def read(cls, data: bytes | str) -> Self:
        """Read a record from the wire, ignoring fields of later versions.

        Raises `pydantic.ValidationError`, which names the field.
        """
        return cls.model_validate_json(data, strict=True, extra="ignore")

    def encode(self) -> bytes:
        """Write the record for the wire: one JSON object, UTF-8, instants in RFC 3339 UTC."""
        return self.model_dump_json().encode()


def require_reasons(counters: dict[str, int | None], absent: dict[Any, AbsenceReason]) -> None:
    """Refuse to write a null counter without a reason, or a reason beside a figure.

    Raises `ValueError` naming the counter.
    """
    for name, value in counters.items():
        if value is None and name not in absent:
            raise ValueError(f"{name} is null without a reason")
        if value is not None and name in absent:
            raise ValueError(f"{name} has a figure and a reason to be absent")


def next_revision(revision: int) -> int:
    """Return the revision of what has changed since this one; readers take the last of equal ones.

    A row that nobody honest wrote may stand at the highest.
    """
    return min(revision + 1, HIGHEST_COUNT)


def hashed_id(*parts: str) -> str:
    """Return the deterministic id of a thing: the same parts give the same id, everywhere."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def observation_id(subject: str, slot: datetime) -> str:
    """Return the id of an observation: the hash of its subject and its scheduled slot (UTC).

    A job done twice gives the same observation.
    """
    return hashed_id(subject, _text_of_moment(slot))
