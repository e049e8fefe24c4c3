"""How long a part that starts is waited for: as long as it gives signs of life.

A slow or busy machine is no fault: what a fixed time would have stopped a moment before its end is
waited for while it works. What does nothing is given up soon, what works for nothing in the end.
"""

import time
from dataclasses import dataclass, field

import psutil

from deploy.local.supervision.children import Child, last_words, refusal
from deploy.local.supervision.failure import PartError

PATIENCES_MOST = 10
"""Times its patience after which a part that still works is given up."""

PROCESSOR_STEP_S = 2
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
        if (sign := (said, int(processor // PROCESSOR_STEP_S))) != self._sign:
            self._sign, self._last = sign, now
        return now - self._last > self.seconds or now - self.began > self.seconds * PATIENCES_MOST


def processor_of(process: int) -> float:
    """Seconds of processor that a process has used; none once it has ended."""
    try:
        used = psutil.Process(process).cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return used.user + used.system


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a part: looked at until it answers on its port, at ``ready`` if it is said."""

    title: str
    child: Child
    port: int
    ready: str | None
    patience: Patience

    def over(self) -> bool:
        """Whether the part answers. Raises ``PartError`` once it has died, or is given up."""
        log = self.child.log
        if not self.child.alive():
            code = self.child.process.returncode
            raise PartError(self.title, f"arrêté au démarrage (code {code})", last_words(log), log)
        said, now = refusal(self.port, self.ready), time.monotonic()
        if said is None:
            return True
        if self.patience.ended(said, processor_of(self.child.pid), now):
            raise PartError(
                self.title,
                f"pas prêt après {now - self.patience.began:.0f}\u202fs"
                + (f" (il répond\u00a0: {said})" if said else " (il ne répond pas)"),
                "recommencer, ce qui est fait est gardé\u00a0; "
                "si la machine est lente ou occupée, lui laisser d’abord finir le reste",
                log,
            )
        return False
