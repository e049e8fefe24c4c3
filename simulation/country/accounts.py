"""Accounts of the invented territories: who they are, and the names by which they are known.

How they come to be is ``crowd.py``; what is particular to a network is in its own file.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Literal, NamedTuple

from contracts.networks import network_of
from simulation import networks as files
from simulation.country.effects import Effects
from simulation.country.law import Law, Role
from simulation.country.names import slug
from simulation.country.territories import Place

Form = Literal["page", "unreviewed", "profile", "group", "professional", "personal", "plain"]
"""What the network lets others see: a Facebook page (reviewed for us or not), profile or group; an
Instagram account, professional or personal; « plain » elsewhere."""

LONGEST_HANDLE = 22
"""Characters."""

MARK_BITS = 16
"""Bits at the end of a serial that its network gives."""


class Names(NamedTuple):
    """By what a network knows an account: handle, native id, host of its own where it has one."""

    handle: str
    native_id: str
    host: str = ""


@dataclass(slots=True, eq=False)
class Account:
    """One account; ``serial`` is unique in the country and the same in worlds of every size.

    It is made of names: the rank of the real territory, the role, a mark drawn from the network's.
    ``hidden_spans`` are when it is deactivated or taken down with its posts, and comes back: never
    of itself, tests choose.
    """

    serial: int
    id: str
    rules: "InventedAccounts"
    name: str
    place: str
    de_place: str
    first_handle: str
    native_id: str
    owners: tuple[str, ...]
    role: Role
    form: Form
    part: str | None
    population: int
    created: int
    rate: int
    engagement: int
    following: int
    posts_before: int
    knots: list[int]
    growth: int
    hidden: bool
    comments_closed: bool
    quiet_august: bool
    renamed_at: int | None
    closed_at: int | None
    effects: Effects
    host: str = ""
    hidden_spans: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    fortnights: dict[int, tuple[bytes, dict[int, int]]] = field(
        default_factory=dict[int, tuple[bytes, dict[int, int]]]
    )
    silences: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    @property
    def network(self) -> str:
        """The slug of its network."""
        return self.rules.slug

    @property
    def rank(self) -> int:
        """A number of 18 bits at most, unique on the network."""
        return self.serial >> MARK_BITS

    @property
    def home(self) -> str:
        """The territory that gives population and category."""
        return self.owners[0]

    def handle_at(self, moment: int) -> str:
        """The handle by which the network knows the account at a moment."""
        if self.renamed_at is None or moment < self.renamed_at:
            return self.first_handle
        return self.last_handle

    @property
    def last_handle(self) -> str:
        """The handle that the account takes if it is ever renamed."""
        return self.rules.renamed(self.first_handle)

    def address(self, moment: int) -> str:
        """The public address of the account, as its network writes it."""
        return network_of(self.network).address.format(
            handle=self.observed_handle(moment),
            user=self.handle_at(moment),
            host=self.host,
            native_id=self.native_id,
        )

    def observed_handle(self, moment: int) -> str:
        """The handle that a collector needs: with its host where accounts have one."""
        return self.rules.observed_handle(self, moment)

    def open_at(self, moment: int) -> bool:
        """Whether the account is there for others at a moment: it exists and is not hidden."""
        if self.created > moment or self.closed_by(moment):
            return False
        return not any(since <= moment < until for since, until in self.hidden_spans)

    def closed_by(self, moment: int) -> bool:
        """Whether the account was closed for good before a moment."""
        return self.closed_at is not None and self.closed_at <= moment


class InventedAccounts(ABC):
    """The accounts of a network as invented: their law, their names, what they let others see.

    - ``titled``: the kinds of posts that have a title of their own.
    - ``says_language``: the network says the language of a post.
    - ``joints``: what joins « ville » or « maire » to a name, in a new handle and in a first one.
    - ``renames``: accounts may change their handle.
    - ``by_consent``: only the owner of an account is shown it, and whom she lets.
    - ``shared``: a métropole speaks by the account of its town.
    """

    slug: ClassVar[str]
    law: ClassVar[Law]
    titled: ClassVar[frozenset[str]] = frozenset()
    says_language: ClassVar[bool] = True
    joints: ClassVar[tuple[str, str]] = ("_", ".")
    renames: ClassVar[bool] = True
    by_consent: ClassVar[bool] = False
    shared: ClassVar[bool] = False

    @abstractmethod
    def identify(self, place: Place, role: Role, token: bytes, created: int) -> Names:
        """The names of an account, from its place and 16 bytes drawn for it."""

    def form(self, place: Place, word: int) -> Form:
        """What the network lets others see of an account, from a draw."""
        return "plain"

    def observable(self, account: Account) -> bool:
        """Whether a collector without special permissions gets anything of the account."""
        return account.role != "mayor"

    def renamed(self, handle: str) -> str:
        """The handle that an account takes in place of its first one."""
        return f"ville{self.joints[0]}{handle}" if self.renames else handle

    def observed_handle(self, account: Account, moment: int) -> str:
        """The handle that a collector needs."""
        return account.handle_at(moment)

    def views(self, total: int, words: tuple[int, ...]) -> int:
        """Views of a post of so many interactions, from its draws."""
        return 0

    def name(self, place: Place, role: Role) -> str:
        """A name fit for a handle: letters and digits, those of the code where it is long."""
        name = slug(place.territory.nom)
        code = place.territory.code.lower()
        if len(name) > LONGEST_HANDLE or place.territory.kind != "commune":
            name = name[: LONGEST_HANDLE - len(code)] + code.removeprefix("00")
        if role == "main":
            return name
        return f"{'visit' if role == 'tourism' else 'maire'}{self.joints[1]}{name}"


def invented() -> dict[str, InventedAccounts]:
    """The accounts of each network that has a file in ``simulation/networks/``, by slug."""
    found = (import_module(f"{files.__name__}.{one.name}") for one in iter_modules(files.__path__))
    return {rules.slug: rules for rules in (file.NETWORK.accounts for file in found)}


def display_name(place: Place, role: Role) -> str:
    """The name that an account shows."""
    territory = place.territory
    if role == "tourism":
        return f"Office de tourisme {territory.with_de}"
    if role == "mayor":
        return f"Maire {territory.with_de} (compte personnel fictif)"
    if territory.kind == "commune":
        return (
            f"{'Ville' if (territory.population or 0) >= 2000 else 'Commune'} {territory.with_de}"
        )
    if territory.kind == "departement":
        return f"Département {territory.with_de}"
    if territory.kind == "region":
        return f"Région {territory.nom}"
    return territory.nom


def play(account: Account) -> None:
    """What the places of the cast show, whatever the draws."""
    played = account.rules.law.cast.get(account.part or "")
    if played is None:
        return
    account.rate = played.rate or account.rate
    account.engagement = played.engagement or account.engagement
    audience = played.audience * (2 if account.role == "tourism" else 1)
    account.knots[0] = played.followers or account.knots[0] * audience
