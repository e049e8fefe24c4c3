"""``observatoire world``: serve the invented France, export its registry, write its history."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from services.clock import Clock, SteppedClock, SystemClock
from simulation.days import moment_of
from simulation.world import DEMONSTRATION, SEED, World

WHOLE = 0


@click.group()
def world() -> None:
    """The invented France: its networks, its registry, its history."""


_seed = click.option(
    "--seed", default=SEED, show_default=True, help="Another seed is another world."
)
_size = click.option(
    "--territories",
    default=DEMONSTRATION,
    show_default=True,
    help="How many territories; 0 is all of them (36,000).",
)


@world.command()
@_seed
@_size
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True)
@click.option(
    "--at", "at", help="A fixed clock at this moment (ISO 8601), moved by POST /__world__/clock."
)
@click.option(
    "--crisis-after",
    type=int,
    help="Stage « coupure d’eau » at Essai-sur-Onde so many seconds after the start.",
)
def serve(
    seed: str, territories: int, host: str, port: int, at: str | None, crisis_after: int | None
) -> None:
    """Serve the fictional networks on one port (the Host header says which)."""
    asyncio.run(_serve(World(seed, territories or None), _clock(at), host, port, crisis_after))


def _clock(at: str | None) -> Clock:
    if at is not None:
        return SteppedClock(datetime.fromtimestamp(moment_of(at), UTC))
    epoch, started = (
        os.environ.get("OBSERVATOIRE_CLOCK_EPOCH"),
        os.environ.get("OBSERVATOIRE_CLOCK_STARTED"),
    )
    if epoch is None or started is None:
        return SystemClock()
    return SystemClock(datetime.fromisoformat(epoch), datetime.fromisoformat(started))


async def _serve(made: World, clock: Clock, host: str, port: int, crisis_after: int | None) -> None:
    from simulation.platforms import Networks
    from simulation.server import serve

    networks = Networks(made, clock)
    if crisis_after is not None:
        stage_crisis(networks.world, networks.moment() + crisis_after)
    runner, bound = await serve(networks, host, port)
    click.echo(
        f"La France d’essai : {len(made.places)} territoires, {len(made.accounts)} comptes, port {bound}"
    )
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def stage_crisis(made: World, start: int) -> None:
    """The crisis of the demonstration: fourteen messages in the first minutes, a few later."""
    from simulation.days import MINUTE

    made.murmur.stage(made.place("Essai-sur-Onde"), "water", start, start + 5 * MINUTE, 26)


@world.command()
@_seed
@_size
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(seed: str, territories: int, folder: Path) -> None:
    """Write territories.jsonl.gz and accounts.jsonl into FOLDER."""
    from simulation.export import export_world

    counts = export_world(World(seed, territories or None), folder)
    click.echo(
        f"{counts.territories} territoires, {counts.accounts} comptes, {counts.sources} sources dans {folder}"
    )
