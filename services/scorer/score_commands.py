"""The commands of scores: a month, its barème, what was published.

The engine's client is slow to load: each command imports what it uses.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from libs.settings import Settings
from services.scorer.methodologies import CURRENT, UnknownMethodologyError, methodology

if TYPE_CHECKING:
    from libs.engine.client import Engine
    from services.scorer.month.month import Computed

T = TypeVar("T")

methodology_option = click.option(
    "--methodology", "version", default=CURRENT, show_default=True, help="Version to compute by."
)


@click.group()
def score() -> None:
    """Compute the scores of a month, and the barème they stand on."""


@score.command("month")
@click.argument("periods", nargs=-1, required=True)
@methodology_option
@click.option("--final", is_flag=True, help="Make the month final, after the checks of a person.")
@click.option("--beside", is_flag=True, help="Compute beside what is published, to compare.")
@click.option(
    "--revise",
    "reason",
    default="",
    help="Why a final month is revised, or one taken away comes back.",
)
@click.option("--fewer", is_flag=True, help="Put it in place with far fewer accounts than before.")
@click.option("--silent", is_flag=True, help="Publish no event (scores.computed).")
def month_(
    periods: tuple[str, ...],
    version: str,
    final: bool,
    beside: bool,
    reason: str,
    fewer: bool,
    silent: bool,
) -> None:
    """Compute the scores and ranks of months such as 2026-10, in order, each put in place at once.

    The scorer does it by itself on the 9th at 09:00, Europe/Paris; this is for a month that it left
    (more than a week late, or before its history was stored), another methodology, a final month, a
    revision. It may be run again at any time: nothing changes but by a numbered revision.
    """
    from services.scorer.month.announce import announce
    from services.scorer.month.month import compute

    settings = Settings()

    async def work(client: "Engine", period: str) -> "Computed":
        done = await compute(
            client,
            period,
            version,
            settings.clock(),
            installation=settings.installation,
            final=final,
            publish=not beside,
            reason=reason,
            fewer=fewer,
        )
        if done.published and not silent:
            async with settings.wire("score") as wire:
                await announce(client, wire, done)
        return done

    for period in periods:
        done = _with_engine(settings, partial(work, period=period))
        click.echo(
            f"{done.period} ({done.methodology}): {done.ranked} ranked of {done.accounts} accounts,"
            f" {done.state}, revision {done.revision}, {done.hash}, {done.seconds:.1f} s"
        )


@score.command("withdraw")
@click.argument("period")
@click.option("--reason", required=True, help="Why, in French: pages and the feed tell it.")
def withdraw_(period: str, reason: str) -> None:
    """Take a published month away from pages, files and dashboards, and tell the public why.

    Nothing is erased. `observatoire score month PERIOD --revise REASON` publishes it again.
    """
    from services.scorer.month.withdrawing import withdraw

    settings = Settings()
    done = _with_engine(settings, lambda client: withdraw(client, period, settings.clock(), reason))
    click.echo(f"{done.period} ({done.methodology}), revision {done.revision}: taken away")


@score.command("bareme")
@click.option("--reference", required=True, help="Month of reference, such as 2026-09.")
@methodology_option
@click.option("--as-seed", is_flag=True, help="Also print it as the file of a seed barème.")
def bareme(reference: str, version: str, as_seed: bool) -> None:
    """Compute the barème of a methodology from a month of reference, and put it in place."""
    from services.scorer.month.bareme_table import establish, export
    from services.scorer.month.period import Month

    settings = Settings()

    async def work(client: "Engine") -> bytes:
        rules = methodology(version)
        found = await establish(
            client, Month.parse(reference), rules, settings.clock(), settings.installation
        )
        counts = ", ".join(f"{network} {count}" for network, count in found.accounts.items())
        click.echo(f"{version} from {found.reference}: {found.cells} lines; {counts}", err=True)
        return await export(client, rules) if as_seed else b""

    click.echo(_with_engine(settings, work).decode(), nl=False)


def _with_engine(settings: Settings, work: Callable[["Engine"], Awaitable[T]]) -> T:
    from libs.engine.client import connect_to_compute
    from services.scorer.month.bareme_table import BaremeError
    from services.scorer.month.fewer import FewAccountsError
    from services.scorer.month.month import FinalMonthError, TooEarlyError

    refusals = (
        BaremeError,
        FewAccountsError,
        FinalMonthError,
        TooEarlyError,
        UnknownMethodologyError,
        ValueError,
    )

    async def run() -> T:
        async with await connect_to_compute(
            settings.clickhouse_url, settings.database, cluster=settings.clickhouse_cluster
        ) as client:
            return await work(client)

    try:
        return asyncio.run(run())
    except refusals as error:
        raise click.ClickException(str(error)) from error
