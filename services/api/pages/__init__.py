"""The portal's pages, in French, rendered here: they work without a script.

The one script proposes territories while somebody types.

Those of `PUBLIC` are anybody's; the others say themselves, router by router or route by route, who
may (`services/api/web/access.py`). A test holds that every route says it.
"""

from fastapi import APIRouter

from services.api.pages import (
    about,
    contesting,
    home,
    learning,
    official,
    open_data,
    pictures,
    ranking,
    reports,
    suggesting,
    verifying,
    well_known,
)
from services.api.pages.agents import (
    circumstances,
    connecting,
    declaring,
    delegating,
    demonstration,
    elections,
    entering,
    notes,
    providers,
    sessions,
    team,
    tokens,
)
from services.api.pages.desk import (
    candidates,
    collecting,
    embargoes,
    impostors,
    publishing,
    rights,
    versions,
)
from services.api.pages.mondays import settings
from services.api.pages.operating import dashboards, readers
from services.api.pages.territories import (
    comparing,
    comparison_slides,
    kept,
    publications,
    territory,
    together,
)
from services.api.pages.watches import (
    acts,
    alerts,
    consent,
    not_us,
    passing,
    receiving,
    timeline,
    watches,
)
from services.api.pages.yearly import barometer, rising

PUBLIC: tuple[APIRouter, ...] = (
    home.router,
    suggesting.router,
    territory.router,
    kept.router,
    together.router,
    comparison_slides.router,
    publications.router,
    comparing.router,
    barometer.router,
    rising.router,
    ranking.router,
    pictures.router,
    reports.router,
    about.router,
    official.router,
    impostors.router,
    rights.router,
    learning.router,
    contesting.router,
    open_data.router,
    verifying.router,
    well_known.router,
    entering.router,
    demonstration.router,
    providers.router,
)

OTHERS: tuple[APIRouter, ...] = (
    entering.links,
    providers.returns,
    entering.desk,
    sessions.router,
    tokens.router,
    team.router,
    team.desk,
    declaring.router,
    elections.router,
    circumstances.router,
    notes.router,
    delegating.router,
    delegating.faces,
    settings.router,
    settings.links,
    connecting.router,
    contesting.desk,
    candidates.router,
    candidates.desk,
    impostors.desk,
    rights.desk,
    collecting.desk,
    versions.desk,
    publishing.desk,
    rising.desk,
    embargoes.desk,
    embargoes.links,
    readers.router,
    dashboards.router,
    reports.agents,
    consent.router,
    watches.router,
    acts.router,
    alerts.router,
    alerts.agents_router,
    not_us.router,
    passing.router,
    receiving.router,
    timeline.router,
)
