"""The command that writes pages for elected officials as files.

Pages are slow to load: the command imports what it uses.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.territories import Category
from libs.settings import Settings

if TYPE_CHECKING:
    from contracts.territories import Territory


@click.group("reports")
def reports() -> None:
    """The pages for elected officials, as files."""


@reports.command("write")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--report", "slug", help="Which; the first there is when not given.")
@click.option("--period", help="Month, such as 2026-10; by default the latest.")
@click.option("--category", type=click.Choice([one.value for one in Category]), help="Only these.")
@click.option("--departement", help="Only those of this département, by its code.")
@click.option("--without-ranks", is_flag=True, help="Tell no place.")
def write(
    folder: Path,
    slug: str | None,
    period: str | None,
    category: str | None,
    departement: str | None,
    without_ranks: bool,
) -> None:
    """Write one PDF (A4, both sides, PDF/UA-1) a territory into FOLDER."""
    from services.api.figures.queries import EngineUnavailable
    from services.api.pages.sheets.bulk import write_all
    from services.api.reports import REPORTS
    from services.api.store.opening import store_of

    slug = slug or next(iter(REPORTS))
    if slug not in REPORTS:
        raise click.BadParameter(f"no report {slug}; there are: {', '.join(REPORTS)}")
    settings = Settings()
    folder.mkdir(parents=True, exist_ok=True)

    def wanted(one: "Territory") -> bool:
        return category in (None, one.category.value) and departement in (None, one.departement)

    with _told(REPORTS[slug].title) as done:
        writing = write_all(
            settings, store_of(settings), folder, slug, period, wanted,
            ranked=not without_ranks, done=done,
        )  # fmt: skip
        try:
            written = asyncio.run(writing)
        except EngineUnavailable as problem:
            raise click.ClickException(f"ClickHouse does not answer: {problem}") from problem
    click.echo(f"{written} PDF in {folder}")


@contextmanager
def _told(title: str) -> Generator[Callable[[int, int], None]]:
    """Show on standard error how far it is; what is given is called with how many, and of them."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as bar:
        line = bar.add_task(title, total=None)

        def done(gone: int, all_of_them: int) -> None:
            bar.update(line, completed=gone, total=all_of_them)

        yield done
