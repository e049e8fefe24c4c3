"""The portal's pages, in French, rendered here: they work without a script."""

from fastapi import APIRouter

from services.api.pages import (
    about,
    alerts,
    home,
    open_data,
    operations,
    pictures,
    ranking,
    territory,
    verifying,
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
    watches.router,
    watches.agents,
    alerts.router,
    verifying.router,
    well_known.router,
)
