"""One request to a fictional network and its answer, without any server around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs, unquote

import msgspec

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
Json = dict[str, object]
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Asked:
    """A request as the network sees it, at a moment of the world (seconds since 1970, UTC)."""

    method: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    moment: int
    body: bytes = b""

    @cached_property
    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters, decoded, in the order given."""
        return parse_qs(self.query, keep_blank_values=True)

    def one(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        values = self.parameters.get(name)
        return values[-1] if values else default

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter as a number between 1 and ``most``; the default when it is not one."""
        text = self.one(name)
        return max(1, min(int(text), most)) if text.isdigit() else default

    @cached_property
    def parts(self) -> list[str]:
        """The path's parts, decoded."""
        return [unquote(part) for part in self.path.split("/") if part]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network answers."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict[str, str])


def answered(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """A JSON answer."""
    return Answer(status, _encode(data), JSON, headers or {})
