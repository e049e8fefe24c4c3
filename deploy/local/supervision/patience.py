"""How long a part that starts is waited for: as long as it gives signs of life.

A slow or busy machine is no fault: what a fixed time would have stopped a moment before its end is
waited for while it works. What does nothing is given up soon, what works for nothing in the end.
"""

from dataclasses import dataclass, field

import psutil

MOST = 10
"""Times its patience after which a part that still works is given up."""

STEP = 2
"""Seconds of processor that are a sign of life: one that only waits uses less in a minute."""


@dataclass(slots=True)
class Patience:
    """The patience with one part, in seconds; every moment is given by the caller.

    Args:
        seconds: how long it may give no sign of life.
        began: when it was started.
    """

    seconds: float
    began: float
    _sign: tuple[str, int] = ("", 0)
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        """Count from the start."""
        self._last = self.began

    def ended(self, said: str, processor: float, now: float) -> bool:
        """Whether it is over, a part now saying this and having used so much processor."""
        if (sign := (said, int(processor // STEP))) != self._sign:
            self._sign, self._last = sign, now
        return now - self._last > self.seconds or now - self.began > self.seconds * MOST


def processor_of(process: int) -> float:
    """Seconds of processor that a process has used; none once it has ended."""
    try:
        used = psutil.Process(process).cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return used.user + used.system
