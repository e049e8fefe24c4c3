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

_SECRETS: ContextVar[tuple[str, ...]] = ContextVar("secrets", default=())


class RedactedError(Exception):
    """What is left of an error: its traceback in words, without the secret; `kind` is its class."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind

    @classmethod
    def of(cls, error: BaseException, *secrets: str) -> Self:
        """Return an error in words, with all that it comes from."""
        words = "".join(traceback.format_exception(error))
        return cls(type(error).__name__, without(words, *secrets))


@contextmanager
def hidden(*secrets: str) -> Generator[None]:
    """Hide secrets in what is logged meanwhile by this task."""
    if not secrets:
        yield
        return
    _watch_logs()
    token = _SECRETS.set(secrets)
    try:
        yield
    finally:
        _SECRETS.reset(token)


def without(text: str, *secrets: str) -> str:
    """Return a text with secrets hidden, as they are or as an address has them."""
    for secret in secrets:
        for written in (secret, quote(secret, safe=""), quote(secret)):
            text = text.replace(written, VEIL)
    return text


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
        if secrets := _SECRETS.get():
            _veil(record, *secrets)
        return record


def _veil(record: logging.LogRecord, *secrets: str) -> None:
    said = record.getMessage()
    veiled = without(said, *secrets)
    if veiled != said:
        record.msg, record.args = veiled, None
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        # Always its words: the secret may be where no look at the error finds it.
        redacted = RedactedError.of(error, *secrets)
        record.exc_info = (RedactedError, redacted, None)
