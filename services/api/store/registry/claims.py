"""What is said of an account when it comes to the registry, and what the registry tells of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict

from contracts.accounts import AccountRegistered, AccountState, Ownership
from contracts.addresses import Identity

Source = Literal[
    "annuaire", "wikidata", "site", "claim", "file", "team", "registry", "likeness", "webfinger",
    "other",
]  # fmt: skip
"""Where a proof comes from; "other" is what a newer version has written, which this one reads."""
IMPOSTOR = "refusé : il se fait passer pour la collectivité"
"""The reason of a refusal that the public is told of."""
OwnerKind = Literal["collectivité", "personne"]
Outcome = Literal["created", "extended", "known", "conflict"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A source that says whose account it is.

    `reference` is where to look again (an address, a record's id, a file's name and date), `detail`
    what stood there ("Service jeunesse").
    """

    source: Source
    reference: str
    seen_at: datetime
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An account as a source names it; `account` is its id where one was minted elsewhere.

    `covers` are the territories of which a feed that nobody owns declares to speak.
    """

    identity: Identity
    owners: tuple[Ownership, ...]
    proof: Proof
    state: AccountState = "candidate"
    reason: str = ""
    owner_kind: OwnerKind = "collectivité"
    name: str | None = None
    account: str | None = None
    registered_at: datetime | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """What a claim came to: the account as it now is, and whether the claim changed it.

    "conflict": its handle is one account's and its native id another's; nothing was changed.
    """

    account: AccountRegistered
    outcome: Outcome


class Kept(BaseModel):
    """A part of the history of an account, as the store keeps it; instants are UTC."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


KeptSource = Annotated[
    Source, BeforeValidator(lambda one: one if one in get_args(Source) else "other")
]


class PastIdentity(Kept):
    """Handle, native id and address that an account had, from when to when (null: still)."""

    handle: str | None
    native_id: str | None
    address: str
    since: datetime
    until: datetime | None


class Decision(Kept):
    """A change of state or of kind of owner."""

    state: AccountState
    owner_kind: OwnerKind
    reason: str
    decided_by: str
    decided_at: datetime


class SeenProof(Kept):
    """A proof as kept: for which territory, when first and last seen."""

    territory: str
    source: KeptSource
    reference: str
    detail: str | None
    first_seen_at: datetime
    last_seen_at: datetime


class History(Kept):
    """All that the registry knows of an account."""

    account: AccountRegistered
    doubtful: bool
    identities: tuple[PastIdentity, ...]
    decisions: tuple[Decision, ...]
    proofs: tuple[SeenProof, ...]

    @property
    def suspected(self) -> bool:
        """Whether nothing gives it to a territory but a likeness."""
        return bool(self.proofs) and {one.source for one in self.proofs} == {"likeness"}

    @property
    def reported(self) -> bool:
        """Whether somebody reported as an impostor what a source gives to a territory."""
        return not self.suspected and any(one.source == "likeness" for one in self.proofs)

    @property
    def imitated(self) -> tuple[str, ...]:
        """Codes of the territories for which it was said to pass, its owners' where none was."""
        said = [one.territory for one in self.proofs if one.source == "likeness"]
        return tuple(dict.fromkeys(said or (one.territory for one in self.account.owners)))

    @property
    def impostor(self) -> bool:
        """Whether it was refused because it passes for a territory's own."""
        last = self.decisions[-1].reason if self.decisions else ""
        return self.account.state == "refused" and last == IMPOSTOR


def outcomes(registered: Iterable[Registered]) -> dict[Outcome, int]:
    """How many claims came to what."""
    counted: dict[Outcome, int] = {"created": 0, "extended": 0, "known": 0, "conflict": 0}
    for one in registered:
        counted[one.outcome] += 1
    return counted
