"""Handles that imitate that of an official account: the same name elsewhere, signs that look alike,
« officiel » added, one letter off. A likeness proves nothing: a person decides.
"""

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from contracts.accounts import AccountRegistered
from contracts.addresses import Identity
from contracts.networks import network_of
from services.api.store import Store

How = Literal["same", "signs", "added", "letter"]

SAID: dict[How, str] = {
    "same": "le même nom, à une autre adresse",
    "signs": "des signes qui se confondent (0 et o, l et I…)",
    "added": "un mot comme « officiel » ou « ville » ajouté ou ôté",
    "letter": "une lettre de différence",
}
ADDED = (
    "officielle", "officiel", "official", "mairiede", "mairie", "villede", "ville", "commune",
    "compte", "infos", "info", "vrai", "off", "fr",
)  # fmt: skip
SHORTEST = 4
"""Letters under which what is left of a name says nothing."""
LETTERS = 8
"""Letters from which one of them that differs is a likeness: under it half the names are."""

HANDLES_KEPT = 65_536
"""Handles read once: whoever asks of an unknown one has it compared with all of a network."""

_CONFUSED = str.maketrans("0134578$|iаеорсхуі", "oleastbsllaeopcxyl")
_MARKS = re.compile(r"[^a-z0-9$|аеорсхуі]")


@dataclass(frozen=True, slots=True)
class Known:
    """A verified account: its id, handle and address, and the territory that is its home."""

    account: str
    handle: str
    address: str
    territory: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """Which account a handle imitates, and how."""

    known: Known
    how: How


async def resembling(store: Store, identity: Identity) -> Likeness | None:
    """Return the verified account whose handle an address imitates, if any."""
    if identity.handle is None:
        return None
    handle, network = identity.handle, identity.network
    return await asyncio.to_thread(lambda: likeness(handle, network, _officials(store, network)))


async def likenesses(store: Store, accounts: Sequence[AccountRegistered]) -> dict[str, Likeness]:
    """Return which of these accounts imitate a verified one."""
    return await asyncio.to_thread(_likenesses, store, accounts)


def _likenesses(store: Store, accounts: Sequence[AccountRegistered]) -> dict[str, Likeness]:
    found: dict[str, Likeness] = {}
    for one in accounts:
        officials = _officials(store, one.network)
        if like := likeness(one.handle, one.network, officials):
            found[one.account] = like
    return found


def _officials(store: Store, network: str) -> Iterable[Known]:
    return (Known(*row) for row in store.accounts.verified(network))


def likeness(handle: str, network: str, officials: Iterable[Known]) -> Likeness | None:
    """Return the official account of a network that a handle is most like, if any (pure)."""
    found: list[Likeness] = []
    suffix = network_of(network).forms.suffix
    name, look, core = _read(handle, suffix)
    for one in officials:
        other, seen, rest = _read(one.handle, suffix)
        if not other or one.handle.casefold() == handle.casefold():
            continue
        if name == other and len(name) >= SHORTEST:
            found.append(Likeness(one, "same"))
        elif look == seen and len(look) >= SHORTEST:
            found.append(Likeness(one, "signs"))
        elif core == rest and len(core) >= SHORTEST:
            found.append(Likeness(one, "added"))
        elif len(seen) >= LETTERS and _one_letter(look, seen):
            found.append(Likeness(one, "letter"))
    order: Sequence[How] = tuple(SAID)
    return min(found, key=lambda one: (order.index(one.how), one.known.account), default=None)


@lru_cache(maxsize=HANDLES_KEPT)
def _read(handle: str, suffix: str | None) -> tuple[str, str, str]:
    """Return the name of a handle, what it looks like, and that without what looks official."""
    name = _name(handle, suffix)
    return name, _look(name), _core(_look(name))


def _name(handle: str, suffix: str | None) -> str:
    """Return the letters and digits of a handle, without the host that follows an « @ ».

    With a suffix handles are hosts (`Forms.suffix`): their name is the first part that says one.
    "" for a name that thousands have (« mairie »).
    """
    plain = unicodedata.normalize("NFKD", handle.casefold()).lstrip("@").partition("@")[0]
    if suffix is not None:
        parts = [_MARKS.sub("", one) for one in plain.removesuffix(suffix).split(".")]
        return next((one for one in parts[:-1] or parts if one not in ADDED), "")
    name = _MARKS.sub("", plain)
    return "" if name in ADDED else name


def _look(name: str) -> str:
    """Return what a name looks like: signs that are taken for one another are one."""
    return name.translate(_CONFUSED).replace("rn", "m").replace("vv", "w")


_LOOKS = tuple(sorted((_look(one) for one in ADDED), key=len, reverse=True))


def _core(look: str) -> str:
    """Return a name without the words that make it look official, at its ends."""
    for word in _LOOKS:
        for left in (look.removeprefix(word), look.removesuffix(word)):
            if left != look and len(left) >= SHORTEST:
                return _core(left)
    return look


def _one_letter(one: str, other: str) -> bool:
    """Tell whether one letter is more, less, another, or changed places with its neighbour."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[2:] == b[2:] and a[:2] == b[1::-1])
    return a[1:] == b or a == b[1:]
