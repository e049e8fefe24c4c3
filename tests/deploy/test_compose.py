"""The compose files against the published schema of the compose specification, and the code.

No container engine runs here: what is shown is that the files are legal, name what exists, and say
what each fault asks for.
"""

import json
import re
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from dotenv import dotenv_values
from jsonschema import Draft202012Validator

from contracts.channels import CHANNELS
from deploy.local.keys import INVENTED_TOKENS
from deploy.local.parts import EPOCH, PERIODS, PERIODS_BEFORE
from deploy.secrets.files import Hosts, made
from libs.process import STOP_SECONDS
from libs.settings import Settings
from services.cli import LazyGroup, main

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
OUR_IMAGES = ("observatoire:", "observatoire-demonstration:")


def settings_file(name: str) -> dict[str, str]:
    return {key: value or "" for key, value in dotenv_values(FOLDER / name).items()}


def filled(node: Any, given: dict[str, str]) -> Any:
    """What compose reads: variables replaced; raises `KeyError` where one is asked for (`:?`)."""
    if isinstance(node, dict):
        return {key: filled(value, given) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(value, given) for value in node]

    def value(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return given.get(name) or {"-": default}[kind]

    return VARIABLE.sub(value, node) if isinstance(node, str) else node


def merged(one: Any, other: Any) -> Any:
    """Two files as compose merges them: mappings key by key, lists one after the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {
            key: merged(one[key], value) if key in one else value for key, value in other.items()
        }
    return one + other if isinstance(one, list) and isinstance(other, list) else other


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


ENVIRONMENTS = {"live": "live.env.example", "demonstration": "demonstration.env"}
COMPOSED: dict[str, dict[str, Any]] = {
    "live": filled(read("compose.yaml"), settings_file(ENVIRONMENTS["live"])),
    "demonstration": filled(
        merged(deepcopy(read("compose.yaml")), read("demonstration.yaml")),
        settings_file(ENVIRONMENTS["demonstration"]),
    ),
}
SERVICES: dict[str, dict[str, Any]] = COMPOSED["demonstration"]["services"]
ALL = [(kind, name) for kind, composed in COMPOSED.items() for name in composed["services"]]
OURS = {name: it for name, it in SERVICES.items() if it["image"].startswith(OUR_IMAGES)}
COMMANDS = [name for name, it in OURS.items() if "entrypoint" not in it]
every = pytest.mark.parametrize(("kind", "name"), ALL)


def service(kind: str, name: str) -> dict[str, Any]:
    return COMPOSED[kind]["services"][name]


def seconds(said: str) -> int:
    return int(said.removesuffix("s"))


@pytest.mark.parametrize("kind", COMPOSED)
def test_it_is_legal(kind):
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(COMPOSED[kind])]
    assert errors == []


def test_topics_are_in_the_volume_of_the_broker():
    kafka = SERVICES["kafka"]
    assert f"kafka:{kafka['environment']['KAFKA_LOG_DIRS']}" in kafka["volumes"]


@every
def test_it_is_given_longer_to_stop_than_it_takes(kind, name):
    it = service(kind, name)
    if it.get("restart") == "unless-stopped" and name != "alertmanager":
        assert seconds(it["stop_grace_period"]) > STOP_SECONDS


@every
def test_its_ports_are_this_machine_s_alone(kind, name):
    for port in service(kind, name).get("ports", []):
        assert port.startswith("127.0.0.1:")


@every
def test_it_is_held(kind, name):
    it = service(kind, name)
    assert it["mem_limit"]
    assert it["logging"]["options"].keys() >= {"max-size", "max-file"}
    assert it["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in it["security_opt"]
    assert it.get("read_only") or name == "kafka"


@pytest.mark.parametrize("kind", COMPOSED)
def test_no_secret_is_in_the_files(kind):
    """Passwords are files; the tokens of the invented networks open nothing."""
    said = json.dumps(COMPOSED[kind]) + json.dumps(
        {k: v for k, v in settings_file(ENVIRONMENTS[kind]).items() if "NETWORK_TOKENS" not in k}
    )
    assert not re.search(r"://[^/\s\"]*:[^/\s\"]*@", said)
    for name, value in re.findall(r'"(\w*(?:PASSWORD|TOKEN|SECRET|KEY)\w*)": "([^"]+)"', said):
        assert value.startswith("/run/secrets/"), name


@pytest.mark.parametrize("kind", COMPOSED)
def test_every_secret_is_made_and_read(kind):
    given = {
        one
        for it in COMPOSED[kind]["services"].values()
        for one in map(secret, it.get("secrets", []))
    }
    assert given == set(COMPOSED[kind]["secrets"]) == set(made("live", Hosts()))
    for name, where in COMPOSED[kind]["secrets"].items():
        assert where == {"file": f"secrets/{name}"}


def secret(given: str | dict[str, str]) -> str:
    return given if isinstance(given, str) else given["source"]


@pytest.mark.parametrize("image", OUR_IMAGES)
def test_an_image_is_built_once(image):
    of_it = [it for it in SERVICES.values() if it["image"].startswith(image)]
    assert len([it for it in of_it if "build" in it]) == 1
    assert {it["pull_policy"] for it in of_it} == {"never"}


@pytest.mark.parametrize("kind", COMPOSED)
def test_prometheus_scrapes_each_service_and_reads_the_rules(kind):
    prometheus = service(kind, "prometheus")
    assert "../prometheus:/etc/prometheus:ro" in prometheus["volumes"]
    told = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yaml").read_text())
    jobs = {one["job_name"]: one["dns_sd_configs"][0] for one in told["scrape_configs"]}
    services = COMPOSED[kind]["services"]
    assert {"api", "scorer", "collector", "alerts"} <= jobs.keys() <= services.keys()
    default = Settings.model_fields["ops_port"].default
    assert all(one == {"names": [job], "type": "A", "port": default} for job, one in jobs.items())


def reached(network: str) -> set[str]:
    return {n for n, it in SERVICES.items() if network in it.get("networks", ["default"])}


def test_what_the_demonstration_tells_stays_in_it(monkeypatch):
    """Every channel is told to the catchers, and those who tell have no way out anyhow."""
    for name, value in settings_file("demonstration.env").items():
        monkeypatch.setenv(name, value)
    urls = Settings().channel_urls
    for channel in CHANNELS:
        address = urls.get(channel.scheme, urls["*"])
        assert re.match(r"\w+://catchers:", address), channel.scheme
    assert COMPOSED["demonstration"]["networks"]["default"] == {"internal": True}
    assert not {"alerts", "collector", "scorer"} & reached("seen")
    published = {name for name, it in SERVICES.items() if "ports" in it}
    assert published <= reached("seen")
    assert Settings().network_tokens == INVENTED_TOKENS
    assert Settings().clock_epoch == EPOCH


@pytest.mark.parametrize("name", COMMANDS)
def test_its_commands_exist(name):
    noun, verb, *options = OURS[name]["command"]
    assert isinstance(main, LazyGroup)
    group = main.get_command(click.Context(main), noun)
    assert isinstance(group, click.Group)
    command = group.get_command(click.Context(group), verb)
    assert command, f"observatoire {noun} has no {verb}"
    known = {option for parameter in command.params for option in parameter.opts}
    assert {option for option in options if option.startswith("--")} <= known


@pytest.mark.parametrize("kind", COMPOSED)
def test_its_settings_are_read(kind, monkeypatch):
    of_compose = {"OBSERVATOIRE_ENV_FILE", "ALERTMANAGER_FILE"}
    given = settings_file(ENVIRONMENTS[kind])
    for name in given.keys() - of_compose:
        with monkeypatch.context() as patch:
            other = "live" if given["OBSERVATOIRE_INSTALLATION"] == "simulation" else "simulation"
            patch.setenv("OBSERVATOIRE_INSTALLATION", other)
            defaults = Settings()
            patch.setenv(name, given[name])
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
