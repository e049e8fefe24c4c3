"""What all parts of the service go by: time, watches, accounts, names of places, erasures."""

from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.erasures import Suppressions
from libs.clock import Clock
from services.alerts.deciding.accounts import Accounts
from services.alerts.deciding.watches import Watches


@dataclass(frozen=True, slots=True)
class Known:
    """What is known now; `suppressions` are told no more, `place` names a territory by its code."""

    clock: Clock
    watches: Watches
    accounts: Accounts = field(default_factory=Accounts)
    suppressions: Suppressions = field(default_factory=Suppressions)
    place: Callable[[str], str] = str
