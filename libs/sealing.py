"""Recipients and tokens sealed on topics: who publishes holds a public key, who uses, the private.

The secret of a hook is in its address, and topics are read by many and kept for long. What is
sealed is `SCHEME:sealed:KEY:BOX` (a text: `sealed:KEY:BOX`): the scheme, which says whose it is to
send; the id of the key pair, so that keys rotate; and the ciphertext, base64url. HPKE (RFC 9180):
X25519, HKDF-SHA256, ChaCha20-Poly1305. What is not sealed is read as it is.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal

_SEALED = re.compile(r"(?:[a-z][a-z\d+.\-]*:)?sealed:(?P<key>[0-9a-f]{8}):(?P<box>[\w\-]+=*)")

Purpose = Literal["recipient", "token"]
"""What a box is made for: one made for something else does not open."""


class MissingKey(Exception):
    """A live installation that is told no key, or a record sealed to a key that we do not hold."""


class Seal:
    """Seals to a public key (base64url, 32 bytes); without one, gives back what it is given."""

    def __init__(self, public: str | None = None, purpose: Purpose = "recipient") -> None:
        self._info = _info(purpose)
        self._key = _x25519().X25519PublicKey.from_public_bytes(_read(public)) if public else None
        self._id = _key_id(_read(public)) if public else ""

    def address(self, address: str) -> str:
        """Return an address, sealed but for its scheme."""
        return self.sealed(address, f"{address.partition(':')[0]}:")

    def text(self, text: str) -> str:
        """Return a text, sealed."""
        return self.sealed(text, "")

    def sealed(self, clear: str, scheme: str) -> str:
        """Return a text sealed after its scheme; as it is where there is no key."""
        if self._key is None:
            return clear
        box = base64.urlsafe_b64encode(_suite().encrypt(clear.encode(), self._key, self._info))
        return f"{scheme}sealed:{self._id}:{box.decode()}"


class Keys:
    """Opens with private keys (base64url, 32 bytes), the one in use and those before it."""

    def __init__(self, private: Sequence[str] = (), purpose: Purpose = "recipient") -> None:
        self._info = _info(purpose)
        keys = [_x25519().X25519PrivateKey.from_private_bytes(_read(one)) for one in private]
        self._keys = {_key_id(key.public_key().public_bytes_raw()): key for key in keys}

    def open(self, sealed: str) -> str:
        """Return what was sealed, or what was never.

        Raises `MissingKey`, and `ValueError` where the box was changed on its way.
        """
        parts = _SEALED.fullmatch(sealed)
        if parts is None:
            return sealed
        if (key := self._keys.get(parts["key"])) is None:
            raise MissingKey(f"sealed to the key {parts['key']}, which we do not hold")
        try:
            box = base64.urlsafe_b64decode(parts["box"])
            return _suite().decrypt(box, key, self._info).decode()
        except Exception as error:  # the library's own are of several kinds
            raise ValueError(f"{type(error).__name__}: a sealed text that does not open") from None


def new_pair() -> tuple[str, str]:
    """Return a new private key and its public one."""
    key = _x25519().X25519PrivateKey.generate()
    return _written(key.private_bytes_raw()), _written(key.public_key().public_bytes_raw())


def public_of(private: str) -> str:
    """Return the public key of a private one."""
    key = _x25519().X25519PrivateKey.from_private_bytes(_read(private))
    return _written(key.public_key().public_bytes_raw())


def _info(purpose: Purpose) -> bytes:
    return f"observatoire {purpose}".encode()


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:8]


def _read(key: str) -> bytes:
    return base64.urlsafe_b64decode(key)


def _written(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


# Loaded by who seals or opens, at first use: commands and processes that do neither do without.


def _x25519() -> Any:
    return import_module("cryptography.hazmat.primitives.asymmetric.x25519")


def _suite() -> Any:
    hpke = import_module("cryptography.hazmat.primitives.hpke")
    return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
