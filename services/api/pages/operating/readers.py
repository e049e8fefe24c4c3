"""The page of operations: who reads, how far behind; in a demonstration, the scorer's switch."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from services.api.figures.queries import EngineUnavailable
from services.api.installation import Installation
from services.api.operations.broker import Backlog, BrokerUnavailable
from services.api.operations.catching_up import Proof
from services.api.operations.demonstration import Demonstration
from services.api.web.access import operates
from services.api.web.parameters import Here
from services.api.web.rendering import page

router = APIRouter(dependencies=[Depends(operates)])

log = structlog.get_logger(__name__)

PAGE = "/exploitation"
AWAY = "La démonstration ne répond pas ; réessayez dans un instant."
RELOADED_EVERY = 3
"""Seconds between two looks of who chose to follow."""

READERS = {
    "scorer": "Mesures et scores",
    "collector": "Collecte",
    "alerts": "Alertes",
    "api": "Portail",
}
"""Whose group of readers it is, by the second part of its name."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The scorer stopped and started by a visitor: how it is, since when, what became of records.

    Nobody has stopped it yet where `stopped_at` is missing; `proof` is while it cannot be had.
    `reading` is whether it reads: asked to stop, it finishes what it has in hand.
    """

    stopped: bool
    stopped_at: datetime | None
    proof: Proof | None
    reading: bool

    @property
    def stopping(self) -> bool:
        """Whether its stop was asked for and is not done."""
        return self.stopped and self.reading


@router.get(PAGE)
async def show(request: Request, here: Here, suivre: bool = False) -> Response:
    """Show what runs, how far behind, what was refused: « 0 perdu » must be seen to be believed."""
    failures = here.failures()
    readers: Backlog | None = None
    experiment: Experiment | None = None
    try:
        readers = await here.broker.backlog(here.settings.namespace)
        experiment = await _experiment(here, readers)
    except BrokerUnavailable as error:
        failures = failures | {"broker": str(error)}
    answer = page(
        request,
        "exploitation.html",
        failures=failures if not here.simulation else _without_addresses(failures),
        readers=readers,
        labels=READERS,
        experiment=experiment,
        following=suivre,
        every=RELOADED_EVERY,
    )
    if suivre:
        answer.headers["Refresh"] = str(RELOADED_EVERY)
    return answer


@router.post(f"{PAGE}/arreter")
async def stop(here: Here) -> Response:
    """Have the scorer of a demonstration stopped, and keep where it had got.

    The stop comes first, so that the page tells it at once however slow the broker is; it is
    taken back where nobody could say afterwards what was read since.
    """
    switch = _switch(here.demonstration)
    asked = here.clock.now()
    try:
        switch.stop()
        await here.broker.ask(lambda broker: switch.catching_up.begin(broker, asked))
    except BrokerUnavailable as error:
        switch.start()
        log.warning("broker unavailable", error=str(error))
        raise HTTPException(503, AWAY) from error
    finally:
        here.broker.forget()
    return RedirectResponse(f"{PAGE}?suivre=1#essai", status_code=303)


@router.post(f"{PAGE}/relancer")
async def start(here: Here) -> Response:
    """Start it again."""
    _switch(here.demonstration).start()
    here.broker.forget()
    return RedirectResponse(f"{PAGE}?suivre=1#essai", status_code=303)


def _without_addresses(failures: dict[str, str]) -> dict[str, str]:
    """Return what is not well as anybody may read it: the kind of error, without its text."""
    return {part: trouble.partition(":")[0] for part, trouble in failures.items()}


def _switch(demonstration: Demonstration | None) -> Demonstration:
    if demonstration is None:
        raise HTTPException(404, "Rien ne s’arrête depuis le portail de cette installation.")
    return demonstration


async def _experiment(here: Installation, readers: Backlog) -> Experiment | None:
    switch = here.demonstration
    if switch is None:
        return None
    try:
        proof = await here.broker.ask(lambda broker: switch.catching_up.look(broker, here.figures))
    except EngineUnavailable:
        proof = None
    running = {one.name for one in readers.groups if one.running}
    reading = switch.catching_up.group in running
    return Experiment(switch.stopped, switch.catching_up.stopped_at, proof, reading)
