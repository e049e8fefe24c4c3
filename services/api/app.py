"""The api wired together: figures, territories, resources, pages."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from contracts.networks import network_of
from contracts.territories import Territories
from libs.background import Background
from libs.clock import Clock
from libs.identity.consent import OwnerConsent
from libs.pulse import Pulse
from libs.sealing import Seal
from libs.settings import Settings
from libs.wire.wire import Wire
from services.api import pages
from services.api.entering.journal import Journal
from services.api.entering.recognising import Recognising
from services.api.figures.fictional import FictionalFigures
from services.api.figures.new_months import NewMonths
from services.api.figures.queries import Figures, Queries
from services.api.files.month import MonthFiles
from services.api.installation import Installation
from services.api.operations.broker import AskedBroker
from services.api.operations.catching_up import CatchingUp
from services.api.operations.demonstration import PART, Demonstration
from services.api.operations.observing import Observing
from services.api.pages.agents import connecting
from services.api.pages.agents.providers import LEFT_PAGE, return_page
from services.api.pages.mondays.rounds import MondayRounds
from services.api.routes import (
    accounts,
    catalog,
    codebook,
    methodologies,
    months,
    official,
    rankings,
    registry,
    territories,
    watches,
)
from services.api.small_state import SmallState
from services.api.store import Store
from services.api.store.database import SQLITE_CONNECTIONS
from services.api.watching.regular.rounds import Rounds
from services.api.web import openapi, problems
from services.api.web.access import bounded, public
from services.api.web.gate import Gate
from services.api.web.headers import AnswerHeaders
from services.api.web.measured import Measured
from services.api.web.parameters import require_known_parameters
from services.api.web.rendering import FOLDER

if TYPE_CHECKING:
    from libs.identity.provider import Provider

DRAWING = "libs.charts.rendering"
"""What draws takes a fifth of the start to load, and no page waits for it."""

DRAWING_AFTER_SECONDS = 1.0


class Parts:
    """What the service opens at the start and closes at the end.

    Without `state` (tests of pages) the store is somebody else's to open.
    """

    def __init__(
        self,
        figures: Figures,
        state: SmallState | None,
        broker: AskedBroker,
        observing: Observing,
        new_months: NewMonths | None = None,
        clients: Sequence[httpx.AsyncClient] = (),
    ) -> None:
        self._clients = clients
        self._figures = figures
        self._state = state
        self._broker = broker
        self._observing = observing
        self._new_months = new_months
        self._regular: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        self._background = Background()
        asked = {"engine": figures.ping} if isinstance(figures, Queries) else {}
        self._pulse = Pulse(asked | ({"store": state.ping} if state else {}))

    def keep_going(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run this in the background from the start on."""
        self._regular[name] = run

    async def start(self) -> None:
        """Reach the engine and the broker; the portal answers even without, and says so."""
        if self._state:
            await self._state.start()
        self._background.spawn("observing", self._observing.run())
        if self._new_months:
            self._background.spawn("new months", self._new_months.run())
        for name, run in self._regular.items():
            self._background.spawn(name, run())
        self._pulse.start()

    async def stop(self) -> None:
        """Finish telling the topics, and close connections."""
        await self._pulse.stop()
        await self._background.stop()
        await self._broker.stop()
        for client in self._clients:
            await client.aclose()
        if self._state:
            await self._state.stop()
        if isinstance(self._figures, Queries):
            await self._figures.stop()

    def failures(self) -> dict[str, str]:
        """Return what does not answer."""
        return self._pulse.failures() | (self._state.failures() if self._state else {})

    def unready(self) -> dict[str, str]:
        """Return what it leans on and is away."""
        return self._pulse.failures() | (self._state.unready() if self._state else {})

    def stalled(self) -> dict[str, str]:
        """Return the relay where it stands still, though database and engine answer."""
        return self._state.stalled() if self._state and not self._pulse.failures() else {}


@dataclass(slots=True)
class Api:
    """The service, as a process runs it."""

    app: FastAPI
    parts: Parts
    name: str = "api"

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the portal and the api, mounted at the root."""
        return [Mount("/", app=self.app)]

    async def start(self) -> None:
        """Open what the service needs.

        Who writes to a busy database waits in a thread: six, as Python has on two cores, would all
        wait, and pages that only read with them.
        """
        threads = ThreadPoolExecutor(SQLITE_CONNECTIONS, "api")
        loop = asyncio.get_running_loop()
        loop.set_default_executor(threads)
        await self.parts.start()
        loop.call_later(DRAWING_AFTER_SECONDS, loop.run_in_executor, None, import_module, DRAWING)

    async def stop(self) -> None:
        """Close it."""
        await self.parts.stop()

    def failures(self) -> dict[str, str]:
        """Return what is not well."""
        return self.parts.failures()

    def unready(self) -> dict[str, str]:
        """Return what keeps pages from being shown, or what they change from being told."""
        return self.parts.unready()

    def stalled(self) -> dict[str, str]:
        """Return what stands still."""
        return self.parts.stalled()


def build(
    settings: Settings,
    *,
    figures: Figures | None = None,
    places: Territories | None = None,
    clock: Clock | None = None,
    store: Store | None = None,
    wire: Wire | None = None,
    http: httpx.AsyncClient | None = None,
    networks: httpx.AsyncClient | None = None,
) -> Api:
    """Wire the api of an installation; what is not given is made from the settings.

    A store that is given is already open, and what it marks is told by whoever gave it. `http`
    is how identity providers are asked, `networks` how networks of accounts that are connected are.
    """
    clock = clock or settings.clock()
    figures = figures or Queries(settings.clickhouse_url, settings.database)
    places = places or Territories.load(settings.territories_file)
    state = None
    if store is None:
        store = _own_store(settings, clock)
        wire = wire or settings.wire("api", clock.now)
        state = SmallState(store, wire, places, settings.accounts_file)
    broker = AskedBroker(settings.kafka_url)
    observing = Observing(settings.namespace, broker, figures, store, clock)
    shown = FictionalFigures(figures) if settings.simulation else figures
    http = http or _identity_client(settings)
    networks = networks or _networks_client(settings)
    clients = [one for one in (http, networks) if one is not None]
    parts = Parts(figures, state, broker, observing, _new_months(wire, figures), clients)
    here = Installation(
        settings, shown, MonthFiles(shown, simulation=settings.simulation), places, clock, store,
        parts.failures, demonstration_of(settings), broker,
        providers=_providers(settings, http) if http else {},
        consents=_consents(settings, networks, clock) if networks else {},
    )  # fmt: skip
    if state:
        _keep_mailing(parts, here)
    return Api(application(here), parts)


def _own_store(settings: Settings, clock: Clock) -> Store:
    """Return the small state of the settings, which the service opens, closes and tells itself."""
    settings.require("recipients_public_key", "recipients are sealed to it on topics")
    if settings.network_applications:
        settings.require("tokens_public_key", "tokens of connected accounts are sealed to it")
    return Store(
        settings.database_url,
        origin=settings.installation,
        now=clock.now,
        seal=Seal(settings.recipients_public_key),
        token_seal=Seal(settings.tokens_public_key, "token"),
    )


def _new_months(wire: Wire | None, figures: Figures) -> NewMonths | None:
    """Return who hears of new months, and of erasures; None where nothing tells of them."""
    if wire is None or not isinstance(figures, Queries):
        return None
    return NewMonths(wire, figures.look_for_months, figures.keep_less)


def _keep_mailing(parts: Parts, here: Installation) -> None:
    """Keep the mails going that leave by themselves at their hour."""
    rounds = Rounds(
        here.store,
        here.figures,
        here.clock,
        here.territories.name_of,
        here.settings.portal_url,
        simulation=here.simulation,
    )
    parts.keep_going("regular mails", rounds.run)
    parts.keep_going("mails of Monday", MondayRounds(here).run)


def _identity_client(settings: Settings) -> httpx.AsyncClient | None:
    """Return how identity providers are asked, those on a private network too; None without any."""
    declared = settings.identity_providers.values()
    if not declared:
        return None
    from libs.outbound.client import client_of

    trusted = {httpx.URL(one.issuer).host for one in declared if one.private}
    return client_of(settings, trusted=trusted)


def _networks_client(settings: Settings) -> httpx.AsyncClient | None:
    """Return how networks are asked for connected accounts; None where none can be connected."""
    if not settings.network_applications:
        return None
    from libs.outbound.client import client_of

    return client_of(settings, via=settings.networks_via)


def _providers(settings: Settings, http: httpx.AsyncClient) -> dict[str, "Provider"]:
    """Return the identity providers, each with the two pages of ours that it leads back to."""
    from libs.identity.provider import Provider

    left = settings.portal_url.rstrip("/") + LEFT_PAGE
    return {
        slug: Provider(one, http, return_page(settings, slug), left)
        for slug, one in settings.identity_providers.items()
    }


def _consents(settings: Settings, http: httpx.AsyncClient, clock: Clock) -> dict[str, OwnerConsent]:
    """Return the networks whose owners of accounts can connect them: those with an application."""
    return {
        slug: OwnerConsent(
            consent, application, http, connecting.return_page(settings, slug), clock.now
        )
        for slug, application in settings.network_applications.items()
        if (consent := network_of(slug).consent) is not None
    }


def demonstration_of(settings: Settings) -> Demonstration | None:
    """Return the switch of a demonstration; never one of what is not made up."""
    if not settings.simulation or settings.demonstration_switch is None:
        return None
    catching_up = CatchingUp(settings.namespace, f"{settings.namespace}.{PART}")
    return Demonstration(settings.demonstration_switch, catching_up)


def application(here: Installation) -> FastAPI:
    """Return the ASGI application over the parts given."""
    app = FastAPI(
        title="Observatoire",
        version="1",
        routes=list(_routes()),
        openapi_url="/api/v1/openapi.json",
        generate_unique_id_function=openapi.operation_id,
        docs_url=None,
        redoc_url=None,
    )
    app.state.installation = here
    app.openapi = lambda: openapi.describe(app)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    problems.install(app)
    app.add_middleware(Journal, here=here)
    app.add_middleware(Recognising, here=here)
    app.add_middleware(
        Gate,
        portal_url=here.settings.portal_url,
        hosts=here.settings.allowed_hosts,
        respond=problems.respond,
        fail=problems.unexpected,
    )
    app.add_middleware(Measured)
    app.add_middleware(AnswerHeaders, simulation=here.simulation)
    return app


@cache
def _routes() -> Sequence[BaseRoute]:
    """Return resources and pages, whatever the installation.

    Once: FastAPI works out at their first request what they take, in 60 ms.
    """
    router = APIRouter(generate_unique_id_function=openapi.operation_id)
    before = [Depends(bounded), Depends(require_known_parameters)]
    resources = (
        territories,
        rankings,
        accounts,
        official,
        registry,
        months,
        methodologies,
        codebook,
        catalog,
    )
    for resource in resources:
        router.include_router(
            resource.router, prefix="/api/v1", dependencies=[*before, Depends(public)]
        )
    router.include_router(watches.router, prefix="/api/v1", dependencies=before)
    for part in pages.PUBLIC:
        router.include_router(part, include_in_schema=False, dependencies=[Depends(public)])
    for part in pages.OTHERS:
        router.include_router(part, include_in_schema=False)
    return router.routes
