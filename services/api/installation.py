"""What a request works with: the parts of this installation, wired by `app.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import Request

from contracts.territories import Kind, Territories, Territory
from libs.clock import Clock
from libs.identity.consent import OwnerConsent
from libs.settings import Settings
from services.api.figures.queries import Figures
from services.api.files.month import MonthFiles
from services.api.operations.broker import AskedBroker
from services.api.operations.demonstration import Demonstration
from services.api.store import Store
from services.api.throttle import Throttles
from services.api.watching import unmeasured

if TYPE_CHECKING:
    from libs.identity.provider import Provider


@dataclass(frozen=True, slots=True)
class Installation:
    """The parts that pages and resources use; `failures` says which of them are not well.

    `demonstration` is there in one alone; `broker` is connected when a page first asks it;
    `providers` are who else signs agents in, by the name that addresses have; `consents` the
    networks whose owners of accounts can connect them, by slug.
    """

    settings: Settings
    figures: Figures
    files: MonthFiles
    territories: Territories
    clock: Clock
    store: Store
    failures: Callable[[], dict[str, str]] = dict
    demonstration: Demonstration | None = None
    broker: AskedBroker = field(default_factory=AskedBroker)
    throttles: Throttles = field(default_factory=Throttles)
    providers: Mapping[str, "Provider"] = field(default_factory=dict[str, "Provider"])
    consents: Mapping[str, OwnerConsent] = field(default_factory=dict[str, OwnerConsent])

    @property
    def simulation(self) -> bool:
        """Whether everything measured here is made up."""
        return self.settings.simulation

    def measured(self, territory: Territory) -> bool:
        """Whether this territory may have figures here: no simulated one beside a real name."""
        return unmeasured.measured(territory, simulation=self.simulation)

    def measured_of(self, kind: Kind) -> list[Territory]:
        """Return the territories of a kind that may have figures here."""
        return [one for one in self.territories.of_kind(kind) if self.measured(one)]

    def refusal(self, territory: Territory) -> str | None:
        """Say why no watch may bear the name of a territory here; None when one may."""
        return unmeasured.refusal(territory, simulation=self.simulation)


def installation(request: Request) -> Installation:
    """Return the installation that serves a request (a FastAPI dependency)."""
    return request.app.state.installation
