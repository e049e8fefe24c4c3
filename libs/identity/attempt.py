"""One sign-in by an identity provider: what it begins with, and who has come back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider has recognised: an address that is theirs, and what ends their session."""

    address: str
    id_token: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in has of its own: all three unguessable, and used once."""

    state: str
    nonce: str
    verifier: str
