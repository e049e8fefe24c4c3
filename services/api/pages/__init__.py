"""The portal's pages, in French, rendered here: they work without a script."""

from fastapi import APIRouter

from services.api.pages import (
    about,
    contesting,
    home,
    learning,
    open_data,
    operations,
    pictures,
    ranking,
    reports,
    verifying,
    well_known,
)
from services.api.pages.territories import comparing, territory
from services.api.pages.watches import acts, alerts, consent, watches

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    territory.router,
    comparing.router,
    ranking.router,
    pictures.router,
    reports.router,
    about.router,
    learning.router,
    contesting.desk,
    contesting.router,
    open_data.router,
    operations.router,
    consent.router,
    watches.router,
    acts.router,
    alerts.router,
    alerts.agents,
    verifying.router,
    well_known.router,
)
