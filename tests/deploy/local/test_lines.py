"""What a terminal shows can be copied: addresses are whole, whatever the width."""

import io

import pytest
from click.testing import CliRunner
from rich.console import Console

from deploy.local.commands import demo
from deploy.local.supervision.lines import say, show
from deploy.local.supervision.status import PartHealth

LONG = "http://127.0.0.1:23412/__world__/"
PARTS = [
    PartHealth(name, title, "ok", address, 23412, 1, 312.0, restarts, f"/logs/{name}.log")
    for name, title, address, restarts in (
        ("kafka", "Kafka", None, 0),
        ("world", "La France d’essai\u00a0: ses réseaux", LONG, 2),
        ("api", "Portail", "http://127.0.0.1:8000/", 0),
    )
]


def terminal(width: int) -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, width=width, force_terminal=True, color_system=None), written


@pytest.mark.parametrize(("width", "columns"), [(120, 5), (100, 4), (80, 3), (60, 2), (10_000, 5)])
def test_addresses_of_parts_are_whole(width, columns):
    console, written = terminal(width)
    show(console, PARTS)
    shown = written.getvalue()
    for part in PARTS:
        assert f" {part.address or '127.0.0.1:23412'}" in shown
        assert part.title in shown
    assert len(shown.splitlines()[0].split()) == columns
    assert all(len(line) <= width for line in shown.splitlines())


def test_without_a_terminal_everything_is_told_on_one_line_each():
    written = io.StringIO()
    console = Console(file=written)
    show(console, PARTS)
    assert len(written.getvalue().splitlines()) == 1 + len(PARTS)
    say(console, "Une phrase" + " assez longue" * 20)
    assert len(written.getvalue().splitlines()) == 2 + len(PARTS)


@pytest.mark.parametrize("width", range(20, 60))
def test_a_paragraph_breaks_neither_at_a_no_break_space_nor_in_an_address(width):
    console, written = terminal(width)
    say(console, f"Tout est simulé\u00a0; rien ne sort. Journal\u00a0: {LONG}x et la suite.\n")
    lines = written.getvalue().splitlines()
    assert not any(line.startswith((";", ":", "\u00a0")) for line in lines)
    assert any(f"{LONG}x" in line for line in lines)
    assert lines[-1] == "", "an empty line at the end is one"


@pytest.mark.parametrize("verb", ["status", "down"])
def test_a_folder_without_a_demonstration_is_named(verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(demo, [verb]).output
    assert str(tmp_path / ".demo") in told
    assert "--folder" in told
