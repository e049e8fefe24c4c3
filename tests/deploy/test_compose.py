"""compose.yaml against the published schema of the compose specification, and against the code.

No container engine runs here: what is shown is that the file is legal and names what exists.
"""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from deploy.local.parts import EPOCH, PERIODS, PERIODS_BEFORE
from libs.process import Settings
from services.cli import LazyGroup, main

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: parts for name, parts in SERVICES.items() if "build" in parts}


def test_it_is_legal():
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(COMPOSE)]
    assert errors == []


@pytest.mark.parametrize("name", OURS)
def test_its_commands_exist(name):
    noun, verb, *options = OURS[name]["command"]
    assert isinstance(main, LazyGroup)
    group = main.get_command(click.Context(main), noun)
    assert isinstance(group, click.Group)
    command = group.get_command(click.Context(group), verb)
    assert command, f"observatoire {noun} has no {verb}"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known


def test_its_environment_is_read(monkeypatch):
    environment: dict[str, str] = COMPOSE["x-observatoire"]["environment"]
    for name, value in environment.items():
        other = {"simulation": "live", EPOCH.isoformat(): value}.get(value, f"{value}-other")
        with monkeypatch.context() as patch:
            patch.setenv("OBSERVATOIRE_INSTALLATION", "simulation")
            defaults = Settings()
            patch.setenv(name, other)
            assert Settings() != defaults, f"{name} changes no setting"


@pytest.mark.parametrize("name", SERVICES)
def test_it_depends_on_what_is_there(name):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        if how["condition"] == "service_healthy":
            assert "disable" not in SERVICES[other]["healthcheck"]


def test_every_service_of_the_line_runs():
    assert {"collector", "scorer", "alerts", "api"} <= set(OURS)


def test_the_past_is_scored_as_in_the_demonstration():
    """History, then all of it stored, then barème, then each month: no portal without a score."""
    assert OURS["bareme"]["command"] == ["score", "bareme", "--reference", PERIODS[0]]
    assert OURS["scores"]["command"][2:] == sorted({*PERIODS, *PERIODS_BEFORE})
    order = ["scores", "bareme", "stored", "history", "topics", "clock"]
    for name, needed in pairwise(order):
        assert OURS[name]["depends_on"][needed]["condition"] == "service_completed_successfully"
    epoch = COMPOSE["x-observatoire"]["environment"]["OBSERVATOIRE_CLOCK_EPOCH"]
    assert datetime.fromisoformat(epoch) == EPOCH


def test_the_clock_starts_once_for_all(tmp_path, monkeypatch):
    started = tmp_path / "started"
    for _ in range(2):
        result = CliRunner().invoke(main, ["world", "start", str(started)])
        assert result.exit_code == 0, result.output
    monkeypatch.setenv("OBSERVATOIRE_CLOCK_EPOCH", EPOCH.isoformat())
    monkeypatch.setenv("OBSERVATOIRE_CLOCK_STARTED_FILE", str(started))
    started.write_text((datetime.now(UTC) - timedelta(days=2)).isoformat())
    ahead = Settings(installation="simulation").clock().now() - EPOCH
    assert timedelta(days=2) <= ahead < timedelta(days=2, minutes=1)


def test_official_images_are_pinned():
    for name, parts in SERVICES.items():
        tag = parts["image"].rsplit(":", 1)[1]
        assert tag[:1].isdigit() or tag.startswith("v"), f"{name} floats on {tag}"
