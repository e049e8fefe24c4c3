"""The demonstration's switch, seen from the portal: a visitor stops the scorer and sees it back."""

from dataclasses import dataclass
from typing import Literal, cast

import httpx

from services.api.operations.catching_up import CatchingUp

PART = "scorer"
TIMEOUT_SECONDS = 5.0

Condition = Literal["running", "starting", "paused"]


class SwitchUnavailable(Exception):
    """The demonstration does not answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Stops and starts the scorer of a demonstration, and follows how it catches up.

    `url` is where the demonstration serves its switch, on this machine; `token` opens it. Where
    the scorer was stopped is forgotten when the portal starts again.
    """

    url: str
    token: str
    catching_up: CatchingUp

    async def condition(self) -> Condition:
        """Say how the scorer is. Raises `SwitchUnavailable`."""
        return await self._ask("GET", f"/parts/{PART}")

    async def stop(self) -> None:
        """Have it stopped. Raises `SwitchUnavailable`."""
        await self._ask("POST", f"/parts/{PART}/stop")

    async def start(self) -> None:
        """Have it started again. Raises `SwitchUnavailable`."""
        await self._ask("POST", f"/parts/{PART}/start")

    async def _ask(self, verb: str, path: str) -> Condition:
        try:
            async with httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT_SECONDS) as client:
                answer = await client.request(
                    verb, path, headers={"Authorization": f"Bearer {self.token}"}
                )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise SwitchUnavailable(f"{type(error).__name__}: {error}") from error
        return cast("Condition", answer.json()["condition"])
