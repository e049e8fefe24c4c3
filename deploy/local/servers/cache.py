"""Where downloads are kept between demonstrations, and how two processes share them."""

import fcntl
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder of downloads: ``OBSERVATOIRE_CACHE``, else one in the XDG cache."""
    variables = os.environ if environment is None else environment
    if chosen := variables.get("OBSERVATOIRE_CACHE"):
        return Path(chosen)
    xdg = variables.get("XDG_CACHE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".cache") / "observatoire"


@contextmanager
def exclusive(folder: Path) -> Generator[None]:
    """Hold the folder for one process at a time: two first runs must not mix their downloads."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
