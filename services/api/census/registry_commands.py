"""Commands about the registries of other installations."""

import asyncio
from urllib.parse import urlsplit

import click

from contracts.territories import Territories
from libs.settings import Settings
from services.api.census.commands import store_of_settings, tell_report


@click.group("registry")
def registry() -> None:
    """Registries of official accounts of other installations."""


@registry.command("pull")
@click.argument("url")
@click.option("--apply", is_flag=True, help="Register; without it, only say what would be done.")
def pull(url: str, apply: bool) -> None:
    """Take over the public registry of another installation (URL is its portal's address).

    What is verified there is a candidate here, to be looked at at the desk.
    """
    import httpx
    from rich.console import Console
    from rich.progress import Progress

    from libs.outbound.client import client_of
    from services.api.census.instance import NoRegistryError, fetch, take_over

    settings = Settings()
    host = urlsplit(url).hostname
    if not host:
        raise click.ClickException(f"{url} is no address, such as https://observatoire.example")

    async def ask(progress: Progress) -> list[bytes]:
        line = progress.add_task("bytes", total=None)
        async with client_of(settings, trusted={host}) as http:
            return await fetch(http, url, lambda done, _: progress.update(line, completed=done))

    with Progress(console=Console(stderr=True)) as progress:
        try:
            lines = asyncio.run(ask(progress))
        except (NoRegistryError, httpx.HTTPError) as problem:
            raise click.ClickException(str(problem) or type(problem).__name__) from problem
        bar = progress.add_task("accounts", total=None)
        report = take_over(
            store_of_settings(settings),
            lines,
            Territories.load(settings.territories_file),
            url=url,
            dry_run=not apply,
            tell=lambda done, of: progress.update(bar, completed=done, total=of),
        )
    tell_report(report, dry_run=not apply)
    if not apply:
        click.echo("run it again with --apply to register them")
