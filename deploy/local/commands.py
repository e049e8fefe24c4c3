"""``observatoire demo``: the whole line on this machine, on an invented France.

What runs it is slow to load: `up` and `down` import it.
"""

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from deploy.local.choices import (
    MAIL_PORT,
    MAIL_PORT_SETTING,
    PORTAL_PORT,
    PORTAL_PORT_SETTING,
    TERRITORIES,
    Choices,
)
from deploy.local.exports import exports
from deploy.local.supervision import status as look
from deploy.local.supervision.display import Terminal
from deploy.local.supervision.lines import say, show
from deploy.local.supervision.state import State, read

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
    envvar=PORTAL_PORT_SETTING,
    show_default=True,
    help="Port of the portal.",
)
@click.option(
    "--catchers-port",
    default=MAIL_PORT,
    envvar=MAIL_PORT_SETTING,
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
    from deploy.local.demo import LOG, AlreadyRunning, go_on_apart, run, welcome

    console = Console()
    running = read(folder)
    if running is not None and running.running:
        say(console, "La démonstration tourne déjà.")
        welcome(console, running)
        return
    leave_the_terminal = go_on_apart() if detach else None
    terminal = Terminal(console)

    def ready(state: State) -> None:
        terminal.close()
        welcome(console, state)
        if leave_the_terminal is None:
            say(console, "\nCtrl-C arrête tout.", "dim")
        else:
            say(console, "\nPour l’arrêter\u00a0: .venv/bin/observatoire demo down")
            leave_the_terminal(folder / LOG)

    choices = Choices(folder, api_port, catchers_port, territories, frozenset(without))
    try:
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
    console = Console()
    state = read(folder)
    report = look.as_json(state)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    elif state is None or not state.running:
        say(console, _stopped(folder, state))
    else:
        show(console, look.health(state))
        say(
            console,
            f"\nMémoire\u00a0: {report['memory_mb']:.0f}\u00a0Mo.\n"
            f"Journaux\u00a0: {folder.resolve() / 'logs'}",
        )
    sys.exit(0 if report["healthy"] else 1)


@demo.command()
@_folder
def env(folder: Path) -> None:
    """Print what other commands need to work on it: eval "$(.venv/bin/observatoire demo env)"."""
    state = read(folder)
    if state is None or not state.running:
        raise click.ClickException(_stopped(folder, state))
    click.echo(exports(folder), nl=False)


@demo.command()
@_folder
def down(folder: Path) -> None:
    """Stop everything that `up` started, and nothing else."""
    from deploy.local.demo import kept, stop

    state = read(folder)
    if stop(folder):
        say(Console(), kept(folder))
    elif state is None:
        say(Console(), _stopped(folder, state))
    else:
        click.echo("La démonstration était déjà arrêtée.")


def _stopped(folder: Path, state: State | None) -> str:
    """Say that none runs, and where it was looked for: another folder may have one."""
    if state is None:
        return (
            f"Aucune démonstration dans {folder.resolve()}\n"
            "Si elle tourne ailleurs\u00a0: depuis le dossier d’où elle a été lancée, "
            "ou avec --folder."
        )
    why = state.failure or ""
    if state.phase not in ("stopped", "failed"):
        why = "Elle n’a pas pu dire pourquoi (processus tué, panne)\u00a0: make demo reprend."
    return f"La démonstration est arrêtée dans {folder.resolve()}" + (f"\n{why}" if why else "")
