"""What an import did: how many claims came to what, and why the others were refused."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.api.store import Claim, Registered, Store, outcomes
from services.api.store.registry.claims import Outcome

Tell = Callable[[int, int], None]
"""Hears how many claims are in, of how many."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that gives no account: where it stood, its named reason, the value."""

    place: str
    reason: str
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of an import; `registered` is in the order of the claims."""

    records: int
    registered: tuple[Registered, ...]
    refused: tuple[Unusable, ...]

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many claims came to what."""
        return outcomes(self.registered)

    @property
    def reasons(self) -> dict[str, int]:
        """How many values were refused, by reason, the most frequent first."""
        return dict(Counter(one.reason for one in self.refused).most_common())


def take_in(
    store: Store,
    records: int,
    found: Iterable[Claim | Unusable],
    *,
    dry_run: bool = False,
    tell: Tell = lambda _, __: None,
) -> Report:
    """Register the claims among what was found; cut short, it is run again.

    A dry run says what each would come to, and registers nothing.
    """
    everything = tuple(found)
    claims = [one for one in everything if isinstance(one, Claim)]
    registered = store.accounts.register_all(
        claims, lambda done: tell(done, len(claims)), rehearse=dry_run
    )
    refused = tuple(one for one in everything if isinstance(one, Unusable))
    return Report(records, tuple(registered), refused)
