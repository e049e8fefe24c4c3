"""A client of the fictional networks, without HTTP."""

from typing import Any

import msgspec

from simulation.serving.platforms import Networks


class Client:
    """Asks the networks as an HTTP client would, without HTTP."""

    def __init__(self, networks: Networks) -> None:
        self.networks = networks

    def get(self, url: str, **headers: str) -> tuple[int, Any]:
        """Status and decoded body of a GET; headers are written with _ for -."""
        host, _, target = url.removeprefix("https://").partition("/")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer, _ = self.networks.ask("GET", host, f"/{target}", sent)
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.body
        decoded: Any = (
            msgspec.json.decode(answer.body)
            if answer.content_type.startswith("application/json")
            else None
        )
        return answer.status, decoded
