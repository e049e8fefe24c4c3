"""Erasures: what must not be kept, nor come back when topics are read again.

Records cannot be taken out of a topic one by one: they leave by age (texts and mentions after 30
days). So whoever stores or matches what travels passes over what the compacted topic of erasures
names, for ever; that is the suppression list of « Vos droits ».
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from contracts.event import Event, Id, Moment

ErasureKind = Literal["account", "mention", "author"]
"""`account` and `mention` by their ids (opaque, or a hash of the address), `author` by its hash."""

AUTHOR_PATTERN = r"^(https?://[^/?#]+/(?:profile/|users/)?[^/?#]+)"
"""The part of a text's address that names its author; read alike by Python and by ClickHouse."""

_author = re.compile(AUTHOR_PATTERN)


class Erased(Event):
    """An account, a mention or an author of whom nothing may be kept, since when and why.

    `subject` says no more than is needed to recognise it: never the address of a person.
    """

    kind: ErasureKind
    subject: Id
    reason: str
    erased_at: Moment

    @property
    def key(self) -> str:
        """Return what is erased."""
        return f"{self.kind}:{self.subject}"


def author_key(address: str) -> str | None:
    """Return the key of the author of what stands at an address, None where it names nobody.

    The same for a profile and for what it published: `https://bsky.app/profile/did:plc:…/post/…`.
    """
    found = _author.match(address)
    return sha256(found[1].encode()).hexdigest() if found else None


class Suppressions:
    """What is erased, as it is known now; false while nothing is."""

    def __init__(self, erased: Iterable[Erased] = ()) -> None:
        self.accounts: set[str] = set()
        self.mentions: set[str] = set()
        self.authors: set[str] = set()
        for one in erased:
            self.add(one)

    def __bool__(self) -> bool:
        return bool(self.accounts or self.mentions or self.authors)

    def add(self, erased: Erased) -> None:
        """Take an erasure; there is no way back."""
        known = {"account": self.accounts, "mention": self.mentions, "author": self.authors}
        known[erased.kind].add(erased.subject)

    def holds(
        self, *, account: str | None = None, subject: str | None = None, address: str | None = None
    ) -> bool:
        """Tell whether something of this account, subject or address must not be kept."""
        return (
            account in self.accounts
            or subject in self.mentions
            or (bool(self.authors) and address is not None and author_key(address) in self.authors)
        )
