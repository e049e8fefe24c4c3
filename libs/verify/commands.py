"""The command that checks a month's published text, on any machine: nothing is asked of anybody."""

from pathlib import Path

import click


@click.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hash", "published", default="", help="The month's hash, as it is published.")
def verify(file: Path, published: str) -> None:
    """Check the text of a month (FILE, `empreinte.txt`): its form, its ranks, its hash.

    It ends with 1 when something is wrong. What cannot be checked is said, and is no fault.
    """
    from contracts.networks import network_of
    from libs.verify.published import FAULTS_TOLD, NoMonthError, check

    try:
        found = check(file.read_bytes())
    except NoMonthError as problem:
        raise click.ClickException(f"{file} is no text of a month: {problem}") from problem
    click.echo(f"{found.lines} accounts, {found.scored} scored; SHA-256 of this text:")
    click.echo(found.digest)
    faults = list(found.faults)
    names = ", ".join(network_of(one).name for one in found.withheld)
    if found.withheld:
        click.echo(
            f"cannot be checked: the month's hash. It is of exact bounds too, which may not leave "
            f"for {names}; this text's own SHA-256 is in sha256.txt, beside it"
        )
    elif not published:
        click.echo("not checked: the month's hash (give it by --hash)")
    elif published.lower() == found.digest:
        click.echo("the month's hash is that of this text")
    else:
        faults.insert(0, f"the month's hash is {published}, and not that of this text")
    click.echo("cannot be checked here: the scores themselves, which need every observation")
    for fault in faults[:FAULTS_TOLD]:
        click.echo(f"wrong: {fault}")
    if faults:
        raise click.ClickException(f"{len(faults)} faults")
    click.echo(f"{found.ranks} ranks are those that the scores give")
