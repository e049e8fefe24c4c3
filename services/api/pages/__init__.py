"""The portal's pages, in French, rendered here: they work without a script."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
