"""Each attack gets through once the defence that stops it is taken away, and that one alone.

Without this, an attack that is refused by chance, or by something else, shows nothing.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.defences import DEFENCES

pytestmark = [pytest.mark.proof, pytest.mark.timeout(300)]

LEAST = 200
"""Attacks tried so."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What came of each attack, by defence."""
    written = tmp_path_factory.mktemp("taken-away") / "outcomes.json"
    files = sorted({attack.partition("::")[0] for one in DEFENCES for attack in one.attacks})
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    command += ["-p", "no:xdist", "-p", "tests.attacks.taken_away", *files]
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        command,
        env=known | {"TAKEN_AWAY": str(written)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert written.exists(), ended.stdout[-3_000:] + ended.stderr[-3_000:]
    return json.loads(written.read_text(encoding="utf-8"))


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda one: one.name)
def test_without_its_defence_an_attack_gets_through(outcomes, defence):
    found = outcomes[defence.name]
    assert found, "no test is named so any more"
    assert {attack: what for attack, what in found.items() if what != "through"} == {}


def test_many_attacks_are_tried_so(outcomes):
    assert sum(map(len, outcomes.values())) >= LEAST
