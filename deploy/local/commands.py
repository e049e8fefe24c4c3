"""``observatoire demo``: the whole line on this machine, on an invented France."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deploy.local import status as look
from deploy.local.demo import AlreadyRunning, run, run_beside, stop, welcome
from deploy.local.display import Terminal
from deploy.local.parts import MAIL_PORT, PORTAL_PORT, TERRITORIES, Choices
from deploy.local.state import State, read

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".demo"),
    show_default=True,
    help="Where the demonstration keeps its state.",
)


@click.group()
def demo() -> None:
    """The whole line on this machine, on an invented France."""


@demo.command()
@_folder
@click.option("--detach", is_flag=True, help="Leave it running and give the terminal back.")
@click.option(
    "--api-port",
    default=PORTAL_PORT,
    envvar="OBSERVATOIRE_DEMO_PORT",
    show_default=True,
    help="Port of the portal.",
)
@click.option(
    "--catchers-port",
    default=MAIL_PORT,
    envvar="OBSERVATOIRE_DEMO_MAIL_PORT",
    show_default=True,
    help="Port of the page of mails.",
)
@click.option("--territories", default=TERRITORIES, show_default=True, help="How many; 0 is all.")
@click.option(
    "--without", multiple=True, metavar="PART", help="Leave out a part and what needs it."
)
def up(
    folder: Path,
    detach: bool,
    api_port: int,
    catchers_port: int,
    territories: int,
    without: tuple[str, ...],
) -> None:
    """Start everything, say what to open, and stay until Ctrl-C (or --detach)."""
    console = Console()
    running = read(folder)
    if running is not None and running.running:
        console.print("La démonstration tourne déjà.", highlight=False)
        welcome(console, running)
        return
    terminal = Terminal(console)
    choices = Choices(folder, api_port, catchers_port, territories, frozenset(without))
    try:
        if detach:
            state = run_beside(arguments_of(choices), folder, terminal)
            terminal.close()
            welcome(console, state)
            console.print("\nPour l’arrêter\u00a0: observatoire demo down")
            return

        def ready(state: State) -> None:
            terminal.close()
            welcome(console, state)
            console.print("\nCtrl-C arrête tout.", style="dim")

        code = run(choices, terminal, ready)
    except AlreadyRunning:
        raise click.ClickException("La démonstration de ce dossier tourne déjà.") from None
    finally:
        terminal.close()
    sys.exit(code)


@demo.command()
@_folder
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(folder: Path, as_json: bool) -> None:
    """Say each part's address and health; exit code 1 unless all are well."""
    state = read(folder)
    report = look.as_json(state)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    elif state is None or not state.running:
        failure = f" {state.failure}" if state is not None and state.failure else ""
        click.echo(f"La démonstration est arrêtée.{failure}")
    else:
        Console().print(_table(look.health(state)))
        click.echo(
            f"\nMémoire\u00a0: {report['memory_mb']:.0f}\u00a0Mo. "
            f"Journaux\u00a0: {folder / 'logs'}."
        )
    sys.exit(0 if report["healthy"] else 1)


@demo.command()
@_folder
def down(folder: Path) -> None:
    """Stop everything that `up` started, and nothing else."""
    click.echo("Tout est arrêté." if stop(folder) else "La démonstration était déjà arrêtée.")


def arguments_of(choices: Choices) -> list[str]:
    """Write choices as arguments, for the process that runs a detached demonstration."""
    written = ["--folder", str(choices.folder), "--territories", str(choices.territories)]
    written += ["--api-port", str(choices.portal_port)]
    written += ["--catchers-port", str(choices.catchers_port)]
    for name in sorted(choices.without):
        written += ["--without", name]
    return written


def choices_of(arguments: list[str]) -> Choices:
    """Read what ``arguments_of`` wrote."""
    given = up.make_context("up", list(arguments)).params
    return Choices(
        given["folder"],
        given["api_port"],
        given["catchers_port"],
        given["territories"],
        frozenset(given["without"]),
    )


def _table(parts: list[look.PartHealth]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("Partie", "État", "Adresse", "Mémoire", "Journal"):
        table.add_column(title, justify="right" if title == "Mémoire" else "left", overflow="fold")
    for part in parts:
        style = {"ok": "green", "failing": "bold red"}.get(part.health, "")
        again = f" ({part.restarts} relance{'s' * (part.restarts > 1)})" if part.restarts else ""
        table.add_row(
            part.title,
            f"[{style}]{look.WORDS[part.health]}[/]{again}" if style else look.WORDS[part.health],
            part.address or (f"127.0.0.1:{part.port}" if part.port else "–"),
            f"{part.memory_mb:.0f}\u00a0Mo" if part.memory_mb is not None else "–",
            Path(part.log).name if part.log else "–",
        )
    return table
