"""`observatoire contracts`: write or check what is generated from the contracts.

All of them are slow to load: each command imports what it uses.
"""

import json
import sys

import click


@click.group()
def contracts() -> None:
    """Write or check what is generated from the contracts."""


@contracts.command()
@click.option("--breaking", is_flag=True, help="Write even what breaks a version not yet released.")
def write(breaking: bool) -> None:
    """Write the generated files; refuses a change that breaks a version."""
    from deploy.generation.generated import GENERATED, ROOT, breaking_changes, generated

    files = generated()
    for path, text in files.items():
        held = ROOT / path
        if path.parent == GENERATED / "schemas" and held.exists() and not breaking:
            found = breaking_changes(json.loads(held.read_text()), json.loads(text))
            if found:
                raise click.ClickException(
                    f"{path.stem}: {'; '.join(found)}. Within a version only optional fields are "
                    "added: make a second class and a second topic, or --breaking before a release."
                )
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)
    click.echo(f"{len(files)} files written")


@contracts.command()
def check() -> None:
    """Fail when a generated file is not what the contracts say."""
    from deploy.generation.generated import GENERATED, ROOT, generated

    drifted = [
        str(path)
        for path, text in generated().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text() != text
    ]
    wanted = {path.name for path in generated() if path.parent == GENERATED / "schemas"}
    orphans = [
        str(path.relative_to(ROOT))
        for path in (ROOT / GENERATED / "schemas").glob("*.json")
        if path.name not in wanted
    ]
    for path in drifted:
        click.echo(f"{path}: not what the contracts say; run `make contracts`", err=True)
    for path in orphans:
        click.echo(f"{path}: no topic of that name; remove it", err=True)
    sys.exit(bool(drifted or orphans))
