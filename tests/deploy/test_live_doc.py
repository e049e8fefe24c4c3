"""What `docs/live.md` tells to type exists: commands, options, settings, what is printed."""

import re
import shlex

import click
import pytest

from contracts.channels import CHANNELS
from contracts.networks import BY_SLUG
from libs.settings import Settings
from services.cli import main
from services.collector.checking.report import NAMES, SAYS
from tests.conftest import ROOT

PAGE = (ROOT / "docs/live.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    {
        " ".join(found.split())
        for found in re.findall(r"(?m)^ {4}(observatoire .+?)(?: {2,}#.*)?$", PAGE)
    }
    | {" ".join(found.split()) for found in re.findall(r"`(observatoire [^`]+)`", PAGE)}
)


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and what is left of them."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, words
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_exists_with_its_options(line):
    if "…" in line:
        pytest.skip("a sentence about a command")
    command, rest = resolved(shlex.split(line)[1:])
    assert not isinstance(command, click.Group), line
    options = {name for one in command.params for name in one.opts}
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= options, line


def test_each_setting_exists():
    known = {
        alias.upper()
        for field in Settings.model_fields.values()
        for alias in getattr(field.validation_alias, "choices", ())
    }
    known |= {f"OBSERVATOIRE_{name}".upper() for name in Settings.model_fields}
    known |= {one.setting.upper() for one in CHANNELS}
    named = set(re.findall(r"\b(?:OBSERVATOIRE_[A-Z_]+|[A-Z]+_(?:URL|VIA))\b", PAGE))
    assert named
    assert named <= known, named - known


def test_what_the_check_says_is_what_it_prints():
    said = re.findall(r"(?m)^\| `([^`]+)`", PAGE.split("### 2.")[1].split("### 3.")[0])
    assert len(said) == len(SAYS) - 3
    for words in said:
        parts = [part.strip(" «»") for part in words.replace("…", "|").split("|")]
        assert any(all(part in text for part in parts) for text in SAYS.values()), words
    assert NAMES in PAGE


def test_the_permissions_and_hosts_are_those_of_the_network():
    network = BY_SLUG["instagram"]
    assert all(f"`{one}`" in PAGE for one in (*network.permissions, *network.hosts))
    assert all(str(quota.requests) in PAGE for quota in network.quotas.values())
