"""A Prometheus where one is installed: it scrapes the services, for curves and alerts."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from deploy.local.supervision.children import free_port
from deploy.prometheus.rules import PATH as RULES

ROOT = Path(__file__).parents[3]


class Prometheus:
    """One of this machine, if its program is on the PATH; `program` is None otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.program = shutil.which("prometheus")

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def command(self, ports: Mapping[str, int]) -> list[str]:
        """Write its configuration, and return the command that scrapes services at their ports."""
        config = {
            "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
            "rule_files": [str(ROOT / RULES)],
            "scrape_configs": [
                {"job_name": name, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
                for name, port in ports.items()
            ],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        return [
            str(self.program),
            f"--config.file={self.folder}/prometheus.yaml",
            f"--storage.tsdb.path={self.folder}/data",
            "--storage.tsdb.retention.time=7d",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
        ]
