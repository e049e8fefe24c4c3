"""A deployment that refuses every record: Python loads this file where `PYTHONPATH` names it."""

from collections.abc import Sequence
from typing import Any

from libs.wire import codec
from tests.chaos.refusal import REASON


def _refused(*_: object) -> Any:
    return REASON


def _all_refused(_: object, values: Sequence[object]) -> tuple[list[bytes], list[tuple[int, str]]]:
    return [], [(place, REASON) for place in range(len(values))]


codec.validated = _refused
codec.Reader.read_all = _all_refused  # type: ignore[method-assign,assignment]
