"""Runbooks speak of log lines, settings and commands that there are (metrics: test_metrics.py)."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import click
import pytest

from contracts.channels import CHANNELS
from libs.process import Settings
from services.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/runbooks").glob("*.md"))
SOURCES = "".join(
    path.read_text()
    for root in ("services", "libs", "contracts")
    for path in (ROOT / root).rglob("*.py")
)
SETTINGS = {
    *(f"OBSERVATOIRE_{name.upper()}" for name in Settings.model_fields),
    *(channel.setting for channel in CHANNELS),
    *(
        str(alias).upper()
        for field in Settings.model_fields.values()
        for alias in getattr(field.validation_alias, "choices", ())
    ),
}


def said(pattern: str, pages: Sequence[Path] = PAGES) -> list[tuple[str, str]]:
    """What pages say of a kind, with the page."""
    return sorted(
        {(page.name, one) for page in pages for one in re.findall(pattern, page.read_text())}
    )


def the_command(words: list[str]) -> click.Command:
    """The command of these words; raises `KeyError` where there is none."""
    command: click.Command = main
    with click.Context(main) as context:
        for word in words:
            if not isinstance(command, click.Group):
                break
            found = command.get_command(context, word)
            if found is None:
                raise KeyError(word)
            command = found
    return command


def options(command: click.Command) -> set[str]:
    return {name for one in command.params for name in one.opts}


@pytest.mark.parametrize(("page", "event"), said(r'`"event": "([^"]+)"`'))
def test_log_lines_are_there(page, event):
    assert f'"{event}"' in SOURCES


@pytest.mark.parametrize(("page", "setting"), said(r"\b(OBSERVATOIRE_\w+|\w+_URL)\b"))
def test_settings_are_there(page, setting):
    assert setting in SETTINGS


COMMANDS = r"\bobservatoire ((?:[a-z-]+ [a-z-]+)\b[^`\n|;)]*)"
ELSEWHERE = (ROOT / "README.md", ROOT / "docs/live.md", ROOT / "docs/simulation.md")


@pytest.mark.parametrize(("page", "line"), said(COMMANDS, (*PAGES, *ELSEWHERE)))
def test_commands_and_their_options_are_there(page, line):
    words = line.split()
    command = the_command(words[:2])
    assert {word for word in words if re.fullmatch(r"--[a-z-]+", word)} <= options(command)


@pytest.mark.parametrize("cause", sorted({one for _, one in said(r'cause="(\w+)"')}))
def test_causes_are_those_of_jobs(cause):
    assert f'"{cause}"' in (ROOT / "contracts/jobs.py").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_of_one_form_and_listed(page):
    text = page.read_text()
    index = (ROOT / "docs/runbooks/README.md").read_text()
    for target in re.findall(r"\]\(([\w-]+\.md)\)", text):
        assert (page.parent / target).exists()
    if page.name != "README.md":
        assert f"({page.name})" in index
        places = [
            text.index(part)
            for part in ("\nPeut attendre lundi\u00a0: **", "\n## What you see", "\n## How to know")
        ]
        assert all(before < after for before, after in pairwise(places))
