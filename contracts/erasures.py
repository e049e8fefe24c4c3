"""Erasures: what must not be kept, nor come back when topics are read again.

Records cannot be taken out of a topic one by one: they leave by age (texts and mentions after 30
days). The compacted topic of erasures names, for ever, what all who store or match records must
pass over; it is the suppression list of « Vos droits ».
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from contracts.addresses import Identity, read_author
from contracts.event import Event, Id, Moment

ErasureKind = Literal["account", "mention", "author"]
"""`account` and `mention` by their ids (opaque, or a hash of the address), `author` by its hash."""

_FIRST_WORDS = re.compile(r"^(https?://[^/?#]+/(?:profile/|users/)?[^/?#]+)")
"""What the key of an author was made of until 0.2, whomever the first word of a path named."""


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
    """Return the key of the account that an address names, None where it names nobody by itself.

    The same for an account's addresses and for what it published where that says whose it is:
    `https://bsky.app/profile/did:plc:…/post/…`. `https://www.youtube.com/watch?v=…` says nothing.
    """
    author = read_author(address)
    return None if author is None else identity_key(author)


def identity_key(author: Identity) -> str:
    """Return the key of an author that was read."""
    return sha256(author.key.encode()).hexdigest()


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
            or (bool(self.authors) and address is not None and self._names_erased(address))
        )

    def _names_erased(self, address: str) -> bool:
        key = author_key(address)
        return key is not None and (key in self.authors or self._was_erased(address, key))

    def _was_erased(self, address: str, key: str) -> bool:
        """Obey what was ordered until 0.2, but where that would be everybody's of one word."""
        words = _FIRST_WORDS.match(address)
        return (
            words is not None
            and sha256(words[1].encode()).hexdigest() in self.authors
            and author_key(words[1]) == key
        )
