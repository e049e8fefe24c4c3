"""The past of a world written by several processes, each a share of the territories.

An account is written by one process, so the events of a key come in their order; keys and values
are the same whatever the number of processes: no draw depends on what was drawn before.
"""

import asyncio
import gc
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue

from simulation.country.world import World
from simulation.history.history import Plan
from simulation.history.writing import Progress, Share, write_history

WRITERS_MOST = 4
"""More writers than this wait for the broker."""

LISTENING = 0.5
"""Seconds between two looks at what the writers tell."""

Told = tuple[int, Progress]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be written, as it travels to a process.

    Args:
        now: the time of publication in seconds; a function that another process can import.
    """

    seed: str
    size: int | None
    plan: Plan
    kafka_url: str
    now: Callable[[], float]
    namespace: str = "simulation"
    mentions_of: tuple[str, ...] = ()


def processors() -> int:
    """How many writers are of use on this machine."""
    return max(1, min(WRITERS_MOST, len(os.sched_getaffinity(0))))


def write(work: Work, workers: int, tell: Callable[[Progress], None] = lambda _: None) -> int:
    """Write the events of a span with so many processes; returns how many events.

    Raises what a process raised, once the others have ended.
    """
    context = multiprocessing.get_context("spawn")
    told: SimpleQueue[Told] = context.SimpleQueue()
    state = [Progress(0, 1, 0)] * workers
    with ProcessPoolExecutor(workers, context, _begin, (told,)) as pool:
        futures = [pool.submit(_write, work, Share(rank, workers)) for rank in range(workers)]
        pending: set[Future[int]] = set(futures)
        while pending:
            _, pending = wait(pending, timeout=LISTENING)
            while not told.empty():
                rank, progress = told.get()
                state[rank] = progress
            tell(together(state))
        return sum(future.result() for future in futures)


def together(parts: list[Progress]) -> Progress:
    """The progress of all: in thousandths, since shares are equal and not their steps."""
    done = sum(part.done * 1000 // part.total for part in parts)
    return Progress(done, 1000 * len(parts), sum(part.events for part in parts))


_told: "SimpleQueue[Told] | None" = None


def _begin(told: "SimpleQueue[Told]") -> None:
    """Prepare a process: no look for cycles, and no life after the one that started it."""
    global _told
    _told = told
    gc.freeze()
    gc.disable()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.join,), daemon=True).start()


def _follow(ended: Callable[[], None]) -> None:
    ended()
    os._exit(1)


def _write(work: Work, share: Share) -> int:
    def tell(progress: Progress) -> None:
        if _told is not None:
            _told.put((share.rank, progress))

    return asyncio.run(
        write_history(
            World(work.seed, work.size),
            work.plan,
            work.kafka_url,
            now=work.now,
            namespace=work.namespace,
            mentions_of=work.mentions_of,
            tell=tell,
            share=share,
        )
    )
