"""How a recipient who left may come back, though its address is no longer kept.

The page shown to a recipient who left bears its address, sealed by a random pad; the store keeps
the pad and a hash of the address. Neither alone gives the address: a whole channel may read the
page, and the store should know only those whom a watch tells.
"""

import base64
import secrets

BLOCK_BYTES = 256
"""A seal is as long as so many blocks: the length of the address is not told."""

LONGEST_SEAL = 4_096
"""Characters; an address has at most 512, of four bytes each."""


def sealed(address: str) -> tuple[str, str]:
    """Return the seal of an address and the pad that opens it, to be used once (base64)."""
    clear = address.encode()
    clear += bytes(BLOCK_BYTES - len(clear) % BLOCK_BYTES)
    pad = secrets.token_bytes(len(clear))
    return _written(_joined(clear, pad)), _written(pad)


def opened(seal: str, pad: str) -> str | None:
    """Return the address under a seal; None for a seal of another pad."""
    try:
        hidden, key = base64.urlsafe_b64decode(seal), base64.urlsafe_b64decode(pad)
        return _joined(hidden, key).rstrip(b"\0").decode()
    except ValueError:  # no base64, another length, no UTF-8
        return None


def _joined(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
