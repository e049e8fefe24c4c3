"""Records what the engine answers to the tests of api and portal that run none: `make answers`.

Those of browsers are long ones (`proof`), and ask as pages do: without them what they alone ask was
left out.
"""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.local.servers.clickhouse import Engine
from tests.api.engine_world import fill

DATABASE = "recorded"
WITHOUT_ENGINE = "not (engine or broker or recordings) and (not proof or browser)"


def main() -> int:
    """Ask, and write what was answered; returns the exit code of the tests that asked."""
    with TemporaryDirectory() as folder:
        engine = Engine(Path(folder))
        engine.start()
        try:
            asyncio.run(fill(engine.url, DATABASE))
            # No chromium is an error: what the browser asks is recorded too.
            os.environ["CI"] = "true"
            os.environ["OBSERVATOIRE_ANSWERS_FROM"] = f"{engine.url} {DATABASE}"
            # Read with the variable set, it begins with nothing known.
            from tests.api.answers import ANSWERS, FOLDER

            told = pytest.main(["tests/api", "tests/portal", "-m", WITHOUT_ENGINE, *sys.argv[1:]])
            FOLDER.mkdir(exist_ok=True)
            for answers in ANSWERS.values():
                answers.write()
            return int(told)
        finally:
            engine.stop()


if __name__ == "__main__":
    sys.exit(main())
