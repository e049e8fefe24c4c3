"""The secrets of addresses, kept out of logs and errors whatever the channel and its libraries.

An HTTP client logs whole addresses and repeats them in its errors; for a webhook, the address is
the password. So the secret of the address being told is known to the frame, not to the channel.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote

from contracts.channels import VEIL

_SECRET: ContextVar[str | None] = ContextVar("secret", default=None)


@contextmanager
def hidden(secret: str | None) -> Generator[None]:
    """Hide a secret in what is logged meanwhile by this task, and in the errors that leave."""
    if not secret:
        yield
        return
    _watch_logs()
    token = _SECRET.set(secret)
    try:
        yield
    except Exception as error:
        _veil(error, secret, set())
        raise
    finally:
        _SECRET.reset(token)


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
            said = record.getMessage()
            without = _without(said, secret)
            if without != said:
                record.msg, record.args = without, None
        return record


def _veil(error: BaseException, secret: str, met: set[int]) -> None:
    """Hide a secret in the texts of an error, and of those that it comes from."""
    met.add(id(error))
    error.args = tuple(_without(arg, secret) if isinstance(arg, str) else arg for arg in error.args)
    for origin in (error.__cause__, error.__context__):
        if origin is not None and id(origin) not in met:
            _veil(origin, secret, met)


def _without(text: str, secret: str) -> str:
    return text.replace(secret, VEIL).replace(quote(secret, safe=""), VEIL)
