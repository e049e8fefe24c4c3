"""The portal's pages, in French, rendered here: they work without a script."""

from fastapi import APIRouter

from services.api.pages import about, home, pictures, ranking, territory

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    territory.router,
    ranking.router,
    pictures.router,
    about.router,
)
