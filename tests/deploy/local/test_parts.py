from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from contracts.operations.alerting import SERVICES
from deploy.local.choices import Choices
from deploy.local.parts import EPOCH, demonstration
from deploy.local.supervision.plan import Given, Part, Task, in_order
from services.cli import COMMANDS
from services.scorer.month.period import Month

STARTED = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The programs of this machine: none, unless a test adds one."""
    programs: dict[str, str] = {}
    monkeypatch.setattr("shutil.which", programs.get)
    return programs


def made(folder: Path, given: dict[str, str], **choices: object):
    return demonstration(Choices(folder, **choices), given, EPOCH, STARTED)


def test_alone_it_runs_everything_itself(tmp_path):
    plan = made(tmp_path, {})
    assert not [item for item in plan if isinstance(item, Given)]
    parts = {item.name for item in in_order(plan) if isinstance(item, Part)}
    assert parts == {
        "kafka", "clickhouse", "world", "catchers", "api", "scorer", "collector", "alerts",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "url", "replaced"),
    [
        ("KAFKA_URL", "kafka.example:9092", {"kafka", "jars"}),
        ("CLICKHOUSE_URL", "http://user:secret@ch.example:8123", {"clickhouse"}),
    ],
)
def test_what_is_configured_replaces_ours(tmp_path, variable, url, replaced):
    plan = made(tmp_path, {variable: url})
    assert not replaced & {item.name for item in in_order(plan)}
    api = next(item for item in plan if item.name == "api")
    assert isinstance(api, Part)
    assert api.environment[variable] == url
    assert "secret" not in "".join(item.address for item in plan if isinstance(item, Given))


def test_a_configured_grafana_gets_the_dashboards(tmp_path):
    assert {"grafana", "dashboards"} <= {
        item.name for item in made(tmp_path, {"GRAFANA_URL": "http://g.example"})
    }


def test_a_prometheus_that_is_installed_scrapes_every_service(tmp_path, installed):
    installed["prometheus"] = "/usr/bin/prometheus"
    plan = {item.name: item for item in made(tmp_path, {})}
    prometheus, api = plan["prometheus"], plan["api"]
    assert isinstance(prometheus, Part)
    assert isinstance(api, Part)
    assert api.environment["PROMETHEUS_URL"] == prometheus.address
    assert prometheus.command()[0] == "/usr/bin/prometheus"
    config = yaml.safe_load((tmp_path / "prometheus/prometheus.yaml").read_text())
    assert {one["job_name"] for one in config["scrape_configs"]} == set(SERVICES)
    assert all(Path(one).exists() for one in config["rule_files"])
    given = {"PROMETHEUS_URL": "http://prometheus.example"}
    assert any(isinstance(one, Given) for one in made(tmp_path, given))


def test_a_part_may_be_left_out(tmp_path):
    plan = made(tmp_path, {}, without=frozenset({"collector"}))
    left = {item.name for item in in_order(plan)}
    assert not left & {"collector", "watch", "crisis"}
    assert "scorer" in left


def test_a_month_is_final_once_it_may_be(tmp_path):
    """A month that is told final a month later, and never is, would be untrue of eleven months."""
    steps = [item for item in in_order(made(tmp_path, {})) if item.name.startswith("scores-")]
    final = {item.name for item in steps if "--final" in item.command}
    may_be = {
        item.name
        for item in steps
        if Month.parse(item.name.removeprefix("scores-")).final_from <= EPOCH
    }
    assert final == may_be
    assert len(may_be) == len(steps) - 1


def test_every_command_of_the_plan_is_a_noun_of_ours(tmp_path):
    for item in in_order(made(tmp_path, {"GRAFANA_URL": "http://g.example"})):
        if isinstance(item, Task) or item.name == "kafka":
            continue
        words = item.command() if isinstance(item, Part) else item.command
        assert Path(words[0]).name == "observatoire" or words[1] == "-m"
        assert words[1] == "-m" or words[1] in COMMANDS


def test_the_operators_token_is_kept_and_private(tmp_path):
    def token() -> str:
        api = next(item for item in made(tmp_path, {}) if item.name == "api")
        return api.environment["OBSERVATOIRE_OPERATOR_TOKEN"]

    assert token() == token()
    assert (tmp_path / "operator-token").stat().st_mode & 0o077 == 0
