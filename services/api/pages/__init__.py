"""The portal's pages, in French, rendered here: they work without a script."""

from fastapi import APIRouter

from services.api.pages import (
    about,
    alerts,
    consent,
    home,
    open_data,
    operations,
    pictures,
    ranking,
    territory,
    verifying,
    watch_acts,
    watches,
    well_known,
)

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    territory.router,
    ranking.router,
    pictures.router,
    about.router,
    open_data.router,
    operations.router,
    consent.router,
    watches.router,
    watch_acts.router,
    alerts.router,
    alerts.agents,
    verifying.router,
    well_known.router,
)
