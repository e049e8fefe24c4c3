"""What is posted to a channel's catcher, read: bounded, and shown whatever it holds."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn, cast

import msgspec
from starlette.requests import Request

LARGEST_BODY = 1_000_000
"""Bytes of a message; Slack takes 50 blocks of 3,000 characters."""

DEEPEST = 50
"""Levels of a message; blocks of Slack have five."""


class Unreadable(ValueError):
    """No message of a channel."""


async def read(request: Request) -> Any:
    """Return the JSON of a request. Raises ``Unreadable`` for what no channel takes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise Unreadable(f"more than {LARGEST_BODY} bytes")
    return parse(bytes(body))


def parse(body: bytes) -> Any:
    """Return JSON that can be kept, given back as JSON and shown. Raises ``Unreadable``."""
    try:
        # What JSON does not know (NaN) and half a character could be kept, and never given back.
        found = json.loads(body, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if _depth(found) > DEEPEST:
        raise Unreadable(f"more than {DEEPEST} levels")
    return found


def _refuse(constant: str) -> NoReturn:
    raise Unreadable(constant)


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level := [child for one in level for child in _children(one)]:
        depth += 1
    return depth


def texts(payload: object) -> Iterator[str]:
    """Give the texts of a payload, in the order in which they stand."""
    if isinstance(payload, str):
        yield payload
    for one in _children(payload):
        yield from texts(one)


class _Text(msgspec.Struct):
    text: str = ""
    type: str = "plain_text"


class _Element(msgspec.Struct):
    type: str = ""
    text: _Text | str = ""
    url: str = ""


class _Block(msgspec.Struct):
    type: str = ""
    text: _Text | None = None
    fields: list[_Text] = []
    accessory: _Element | None = None
    elements: list[_Element] = []


class _Message(msgspec.Struct):
    blocks: list[_Block] = []


def blocks(payload: object) -> list[_Block]:
    """Return the blocks of a message of Slack; none where they are not those of Slack."""
    try:
        return msgspec.convert(payload, _Message).blocks
    except msgspec.ValidationError:
        return []
