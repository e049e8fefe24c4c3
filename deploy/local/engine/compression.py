"""The encodings of bodies that ClickHouse speaks over HTTP: gzip, deflate, zstd, lz4."""

import sys
import zlib
from typing import Protocol, cast

import lz4.frame

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class _Lz4(Protocol):
    def compress(self, data: bytes) -> bytes: ...
    def decompress(self, data: bytes) -> bytes: ...


_lz4 = cast(_Lz4, lz4.frame)  # the package has no types

SMALL = 4096
"""Bytes under which an answer is sent as it is: compressing it would cost more than it saves."""


def decoded(body: bytes, encoding: str) -> bytes:
    """Return the body without its encoding. Raises ``ValueError`` when it is not what it says."""
    try:
        match encoding:
            case "" | "identity":
                return body
            case "gzip" | "deflate":
                return zlib.decompress(body, wbits=47)
            case "zstd":
                return zstd.decompress(body)
            case "lz4":
                return _lz4.decompress(body)
            case _:
                raise ValueError(f"unknown encoding {encoding!r}")
    except (zlib.error, zstd.ZstdError, RuntimeError, EOFError) as error:
        raise ValueError(f"the body is not {encoding}: {error}") from error


def encoded(body: bytes, accepted: str) -> tuple[bytes, str]:
    """Return the body in the first known encoding of an Accept-Encoding header, and its name.

    The name is empty when the body is sent as it is.
    """
    if len(body) < SMALL:
        return body, ""
    for offer in accepted.split(","):
        match offer.partition(";")[0].strip():
            case "lz4":
                return _lz4.compress(body), "lz4"
            case "zstd":
                return zstd.compress(body, level=1), "zstd"
            case "gzip":
                return zlib.compress(body, level=1, wbits=31), "gzip"
            case _:
                continue
    return body, ""
