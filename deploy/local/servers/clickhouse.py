"""The ClickHouse engine of one machine, as a process of its own that alone owns its folder."""

import sys

from deploy.local.servers.server import Server


class Engine(Server):
    """One engine."""

    title = "ClickHouse (chDB)"
    setting = "OBSERVATOIRE_CLICKHOUSE_PORT"
    ready = "/readyz"
    log_name = "clickhouse.log"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://default:@127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        """The command that runs the engine."""
        data, port = str(self.folder / "data"), str(self.port)
        return [sys.executable, "-m", "deploy.local.engine", "--folder", data, "--port", port]
