"""`observatoire doctor`: name what is wrong, with what to do."""

import asyncio
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, get_args

import click

from deploy.doctor.parts import Part

if TYPE_CHECKING:
    from deploy.doctor.finding import Finding


@click.command()
@click.option("--texte", "as_text", is_flag=True, help="For a ticket: dated, no colour.")
@click.option("--replicas", type=int, help="Copies that each topic should have.")
@click.option(
    "--part",
    "parts",
    type=click.Choice(get_args(Part)),
    multiple=True,
    help="Look at this alone, where a process is not told the rest; may be repeated.",
)
def doctor(as_text: bool, replicas: int | None, parts: tuple[Part, ...]) -> None:
    """Look at broker, stores, relay, hooks and data of the installation; name each fault.

    Nothing is changed, no message is sent. Ends with 1 where there is a fault. No secret is shown.
    """
    from deploy.doctor.looking import look
    from libs.french import plural
    from libs.settings import Settings

    settings = Settings()
    findings = asyncio.run(look(settings, replicas=replicas, parts=parts or get_args(Part)))
    faults = [one for one in findings if one.fault]
    if as_text:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        click.echo(f"observatoire {version('observatoire')}, {settings.installation}, {now}")
    for finding in findings:
        click.echo(_line(finding, coloured=not as_text))
    click.echo(plural(len(faults), "faute") if faults else "Tout va bien.")
    sys.exit(bool(faults))


def _line(finding: "Finding", *, coloured: bool) -> str:
    if finding.fault is None:
        sign = click.style("✔", fg="green") if coloured else "ok   "
        return f"{sign} {finding.part} : {finding.says}"
    sign = click.style("✘", fg="red") if coloured else "FAUTE"
    return f"{sign} {finding.part} [{finding.fault}] : {finding.says}\n    → {finding.do}"
