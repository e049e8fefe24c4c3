"""Start scorers quickly, to be killed: `python -m tests.scorer.forker`, for test_kill.

Imports once; for each line read, « batch block », forks the scorer of the environment's settings
with batches of that size and prints its process id.
"""

import asyncio
import gc
import os
import signal
import sys

from libs.settings import Settings
from services.scorer.app import build


def main() -> None:
    """Fork a scorer for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    settings = Settings()
    gc.freeze()
    for line in sys.stdin:
        batch, block = map(int, line.split())
        if (child := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # Its own words go elsewhere: process ids alone are read here.
            os.dup2(2, 1)
            sized = settings.model_copy(update={"intake_batch": batch, "intake_block": block})
            asyncio.run(_run(sized))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


async def _run(settings: Settings) -> None:
    service = build(settings)
    await service.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
