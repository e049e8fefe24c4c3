"""A line that runs while something is done to it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.chaos.line import Line

T = TypeVar("T")

WATCH_EVERY = 0.1


def while_it_runs(line: Line, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Start a line, do `work`, stop it; raises what the work fails at.

    Parts belong to this thread, which watches over them: they end with the thread that starts them.
    """
    done: list[T] = []
    failures: list[BaseException] = []
    over = threading.Event()

    def run() -> None:
        try:
            done.append(asyncio.run(work()))
        except BaseException as error:  # told by whoever waits
            failures.append(error)
        finally:
            over.set()

    line.network.start()
    try:
        line.supervisor.start()
        working = threading.Thread(target=run, daemon=True)
        working.start()
        while not over.wait(WATCH_EVERY):
            line.supervisor.watch()
        working.join()
    finally:
        line.supervisor.stop()
        line.network.stop()
    if failures:
        raise failures[0]
    return done[0]
