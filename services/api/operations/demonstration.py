"""The demonstration's switch, seen from the portal: a visitor stops the scorer and sees it back."""

from dataclasses import dataclass
from pathlib import Path

from services.api.operations.catching_up import CatchingUp

PART = "scorer"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Stops and starts the scorer of a demonstration, and follows how it catches up.

    `switch` is a file that the demonstration, on this machine, looks for: the scorer is stopped
    while it is there. Where it was stopped is forgotten when the portal starts again.
    """

    switch: Path
    catching_up: CatchingUp

    @property
    def stopped(self) -> bool:
        """Whether its stop was asked for."""
        return self.switch.exists()

    def stop(self) -> None:
        """Have it stopped."""
        self.switch.touch()

    def start(self) -> None:
        """Have it started again."""
        self.switch.unlink(missing_ok=True)
