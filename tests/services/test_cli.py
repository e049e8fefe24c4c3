import subprocess
import sys

import pytest
from click.testing import CliRunner

from deploy.local.supervision.children import free_port
from services.cli import COMMANDS, main

SLOW = {
    "aiohttp", "aiokafka", "alembic", "altair", "chdb", "clickhouse_connect", "fastapi",
    "faststream", "httpx", "opentelemetry", "pyarrow", "sqlalchemy", "uvicorn", "vl_convert",
}  # fmt: skip
"""Libraries that take most of a second to load together."""


def test_what_a_command_does_is_said_without_loading_clients():
    modules = {COMMANDS[noun][0].partition(":")[0] for noun in COMMANDS}
    said = "import sys, importlib; [importlib.import_module(one) for one in sys.argv[1:]];"
    said += "print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", said, *sorted(modules)], capture_output=True, text=True, check=True
    )
    assert SLOW & set(told.stdout.split()) == set()


def test_the_portal_starts_without_what_only_some_requests_need():
    said = "import sys, services.api.app; print(*{one.partition('.')[0] for one in sys.modules})"
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    loaded = set(told.stdout.split())
    later = {"alembic", "altair", "authlib", "grafana_foundation_sdk", "joserfc", "openpyxl"}
    assert (later | {"pptx", "pyarrow", "typst", "vl_convert"}) & loaded == set()


@pytest.mark.parametrize(
    ("command", "setting", "scheme", "part"),
    [
        (["dead-letters", "list"], "KAFKA_URL", "", "Kafka"),
        (["score", "month", "2026-10"], "CLICKHOUSE_URL", "http://", "ClickHouse"),
    ],
)
def test_a_part_that_does_not_answer_is_one_sentence(command, setting, scheme, part):
    address = f"127.0.0.1:{free_port()}"
    environment = {setting: scheme + address, "OBSERVATOIRE_INSTALLATION": "simulation"}
    told = CliRunner().invoke(main, command, env=environment)
    assert told.exit_code == 1
    assert told.output.startswith(f"Error: {part} does not answer: ")
    assert "observatoire demo env" in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    "command",
    [
        ["api", "run"],
        ["collector", "run"],
        ["scorer", "run"],
        ["alerts", "run"],
        ["engine", "migrate"],
        ["erasures", "mention", "https://p.example/1", "--reason", "demande"],
        ["topics", "create", "--kafka-url", "127.0.0.1:9"],
        ["topics", "wait", "--kafka-url", "127.0.0.1:9", "--group", "scorer"],
        ["topics", "show", "--kafka-url", "127.0.0.1:9", "watches.v1"],
    ],
)
def test_no_command_assumes_which_installation_this_is(command, monkeypatch):
    monkeypatch.delenv("OBSERVATOIRE_INSTALLATION", raising=False)
    told = CliRunner().invoke(main, command)
    assert told.exit_code in (1, 2)
    assert "OBSERVATOIRE_INSTALLATION" in told.output
    assert "Traceback" not in told.output


def test_a_topic_that_is_none_is_named_with_those_that_are():
    given = ["--kafka-url", "127.0.0.1:9", "--installation", "simulation", "watches"]
    told = CliRunner().invoke(main, ["topics", "show", *given])
    assert told.exit_code == 1
    assert "no topic watches" in told.output
    assert "watches.v1" in told.output


@pytest.mark.parametrize("given", ["", "fifteen-letters", " " * 20])
def test_a_token_that_opens_too_easily_is_refused_at_the_start(given):
    environment = {
        "OBSERVATOIRE_OPERATOR_TOKEN": given,
        "OBSERVATOIRE_INSTALLATION": "live",
        "OBSERVATOIRE_PORT": str(free_port()),
        "OBSERVATOIRE_OPS_PORT": str(free_port()),
    }
    told = CliRunner().invoke(main, ["api", "run"], env=environment)
    assert told.exit_code == 1
    assert told.output.startswith("Error: ")
    assert "OBSERVATOIRE_OPERATOR_TOKEN has" in told.output
    assert "it takes 16 at least" in told.output
    assert "fifteen-letters" not in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize("command", [["api", "run"], ["alerts", "run"]])
def test_a_live_service_without_keys_says_so_in_one_sentence(command):
    given = {
        "OBSERVATOIRE_INSTALLATION": "live",
        "KAFKA_URL": "127.0.0.1:9",
        "CLICKHOUSE_URL": "http://127.0.0.1:9",
        "DATABASE_URL": "sqlite://",
        "PORTAL_URL": "http://portal.example",
        "OBSERVATOIRE_OPERATOR_TOKEN": "sixteen-letters-x",
    }
    told = CliRunner().invoke(main, command, env=given)
    assert told.exit_code == 1
    assert told.output.startswith("Error: OBSERVATOIRE_RECIPIENTS_P")
