"""The api wired together: figures, territories, resources, pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from contracts.territories import Territories
from services.api import pages, problems
from services.api.headers import AnswerHeaders
from services.api.installation import Installation
from services.api.queries import Figures, Queries
from services.api.rendering import FOLDER
from services.api.routes import accounts, rankings, territories
from services.clock import Clock
from services.process import Settings

DESCRIPTION = """
L’observatoire ouvert de la présence des collectivités territoriales sur les réseaux sociaux.
Sans clé, en lecture. Un compteur nul (`null`) n’est pas un zéro : `absent` dit pourquoi il manque.
Chaque réponse d’une simulation porte l’en-tête `X-Observatoire-Origine: simulation`.
"""


@dataclass(slots=True)
class Api:
    """The service: its application, what it opens at the start and closes at the end."""

    app: FastAPI
    figures: Figures
    name: str = "api"

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Return the portal and the api, mounted at the root."""
        return [Mount("/", app=self.app)]

    async def start(self) -> None:
        """Reach the engine; the portal answers even without it, and says so."""
        if isinstance(self.figures, Queries):
            await self.figures.start()

    async def stop(self) -> None:
        """Close connections."""
        if isinstance(self.figures, Queries):
            await self.figures.stop()

    def failures(self) -> dict[str, str]:
        """Return what does not answer."""
        failure = self.figures.failure if isinstance(self.figures, Queries) else None
        return {"engine": failure} if failure else {}


def build(
    settings: Settings,
    *,
    figures: Figures | None = None,
    territories_known: Territories | None = None,
    clock: Clock | None = None,
) -> Api:
    """Wire the api of an installation; what is not given is made from the settings."""
    here = Installation(
        settings=settings,
        figures=figures or Queries(settings.clickhouse_url, settings.database),
        territories=territories_known or Territories.load(settings.territories_file),
        clock=clock or settings.clock(),
    )
    return Api(application(here), here.figures)


def application(here: Installation) -> FastAPI:
    """Return the ASGI application over the parts given."""
    app = FastAPI(
        title="Observatoire",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.installation = here
    for resource in (territories, rankings, accounts):
        app.include_router(resource.router, prefix="/api/v1")
    for part in pages.ROUTERS:
        app.include_router(part, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    problems.install(app)
    app.add_middleware(AnswerHeaders, simulation=here.simulation)
    return app
