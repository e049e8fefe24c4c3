import pytest
from click.testing import CliRunner

from deploy.local.children import free_port
from services.cli import main


@pytest.mark.parametrize(
    ("command", "setting", "scheme", "part"),
    [
        (["dead-letters", "list"], "KAFKA_URL", "", "Kafka"),
        (["score", "month", "2026-10"], "CLICKHOUSE_URL", "http://", "ClickHouse"),
    ],
)
def test_a_part_that_does_not_answer_is_one_sentence(
    command: list[str], setting: str, scheme: str, part: str
) -> None:
    address = f"127.0.0.1:{free_port()}"
    environment = {setting: scheme + address, "OBSERVATOIRE_INSTALLATION": "simulation"}
    told = CliRunner().invoke(main, command, env=environment)
    assert told.exit_code == 1
    assert told.output.startswith(f"Error: {part} does not answer: ")
    assert "observatoire demo env" in told.output
    assert "Traceback" not in told.output
