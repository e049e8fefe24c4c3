"""How a process loads what it is made of."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def loading() -> Generator[None, None, None]:
    """Load modules and build parts without looking for garbage: they stay for good, all of them.

    The collector would go through a million objects again and again, a sixth of the start
    (measured); afterwards it passes them over.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
