"""Install pinned requirements with a bar, before anything is installed: the standard library only.

``python deploy/local/environment.py "Installation…" requirements/demo.txt``
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

BAR_CHARACTERS = 24
_LAST_LINES = 12
"""Lines of the installer that are shown where it failed."""

_UNPACKING = "Installing collected packages"
_UNPACKED = " téléchargé, s’installe…"
_MET = ("Collecting ", "Requirement already satisfied: ")


def pins(requirements: Path) -> int:
    """Count the packages that a requirements file pins."""
    return sum("==" in line for line in requirements.read_text().splitlines() if line[:1].isalnum())


def met(lines: Iterable[str]) -> Iterator[int]:
    """Count the packages that pip has got to, from what it prints."""
    count = 0
    for line in lines:
        count += line.startswith(_MET)
        yield count


def bar(title: str, done: int, wanted: int, seconds: float) -> str:
    """Return one line of progress."""
    done = min(done, wanted)
    full = BAR_CHARACTERS * done // max(wanted, 1)
    drawn = "━" * full + "╌" * (BAR_CHARACTERS - full)
    return f"{title} {drawn} {done}/{wanted} {seconds:.0f}\u202fs"


def install(title: str, requirements: Path, output: TextIO) -> int:
    """Install, show how far it is on a terminal, return pip's exit code.

    When pip fails its last lines are printed, and what to do.
    """
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    # Each module is compiled when first imported: compiling all of them takes longer than the rest.
    command += [
        "--progress-bar",
        "off",
        "--no-compile",
        "--require-hashes",
        "-r",
        str(requirements),
    ]
    began, said, wanted = time.monotonic(), list[str](), pins(requirements)
    live = output.isatty()
    if not live:
        output.write(f"{title}\n")
        output.flush()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for done in met(_kept(pip.stdout, said)):
            if live:
                _draw(output, bar(title, done, wanted, time.monotonic() - began))
            if said[-1].startswith(_UNPACKING):
                break
        while pip.poll() is None:
            if live:
                _draw(output, bar(title, wanted, wanted, time.monotonic() - began) + _UNPACKED)
            time.sleep(0.2)
        said.extend(pip.stdout)
    if live:
        _draw(output, bar(title, wanted, wanted, time.monotonic() - began) + "\n")
    if pip.returncode:
        output.write("".join(said[-_LAST_LINES:]))
        output.write(
            "L’installation a échoué. À faire\u00a0: vérifier la connexion à internet et la place "
            "sur le disque (2\u00a0Go), puis relancer la même commande.\n"
        )
    return pip.returncode


def _draw(output: TextIO, line: str) -> None:
    output.write(f"\r\x1b[K{line}")
    output.flush()


def _kept(lines: Iterable[str], said: list[str]) -> Iterator[str]:
    for line in lines:
        said.append(line)
        yield line


if __name__ == "__main__":
    sys.exit(install(sys.argv[1], Path(sys.argv[2]), sys.stdout))
