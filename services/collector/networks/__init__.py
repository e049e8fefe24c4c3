"""One file a network, of the name it has in `contracts/networks/`."""

from functools import cache
from importlib import import_module

from services.collector.readers.reader import Reader


@cache
def reader_of(slug: str) -> Reader:
    """Return the reader of a network: the class `READER` of the file of its name.

    Raises `ModuleNotFoundError` for a network that has no file.
    """
    return import_module(f"{__name__}.{slug}").READER()
