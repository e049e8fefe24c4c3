"""The secrets of addresses, kept out of logs and errors whatever the channel and its libraries.

An HTTP client logs whole addresses and repeats them in its errors; for a webhook, the address is
the password. So the secret of the address being told is known to the frame, not to the channel.
An error may hold it anywhere (an attribute, a member of a group, what it comes from): what is kept
of an error is its words, never the error.
"""

import logging
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self
from urllib.parse import quote

from contracts.channels import VEIL

_SECRET: ContextVar[str | None] = ContextVar("secret", default=None)


class RedactedError(Exception):
    """What is left of an error: its traceback in words, without the secret; `kind` is its class."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind

    @classmethod
    def of(cls, error: BaseException, secret: str | None) -> Self:
        """Return an error in words, with all that it comes from."""
        words = "".join(traceback.format_exception(error))
        return cls(type(error).__name__, without(words, secret))


@contextmanager
def hidden(secret: str | None) -> Generator[None]:
    """Hide a secret in what is logged meanwhile by this task."""
    if not secret:
        yield
        return
    _watch_logs()
    token = _SECRET.set(secret)
    try:
        yield
    finally:
        _SECRET.reset(token)


def without(text: str, secret: str | None) -> str:
    """Return a text with the secret hidden, as it is or as an address has it."""
    if not secret:
        return text
    return text.replace(secret, VEIL).replace(quote(secret, safe=""), VEIL)


def _watch_logs() -> None:
    """Have all records of the process made here: a library may log under any name."""
    make = logging.getLogRecordFactory()
    if not isinstance(make, _Records):
        logging.setLogRecordFactory(_Records(make))


class _Records:
    """Makes records of the log, without the secret of the address being told."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __call__(self, *args: Any, **named: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._make(*args, **named)
        secret = _SECRET.get()
        if secret is not None:
            _veil(record, secret)
        return record


def _veil(record: logging.LogRecord, secret: str) -> None:
    said = record.getMessage()
    veiled = without(said, secret)
    if veiled != said:
        record.msg, record.args = veiled, None
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        # Always its words: the secret may be where no look at the error finds it.
        redacted = RedactedError.of(error, secret)
        record.exc_info = (RedactedError, redacted, None)
