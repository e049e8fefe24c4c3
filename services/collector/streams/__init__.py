"""One file a stream, of the name that its network has in `contracts/networks/`."""

from importlib import import_module

from contracts.networks import NETWORKS
from services.collector.streaming.stream import Line, Stream

STREAMED = tuple(network.slug for network in NETWORKS if network.mentions == "stream")
"""The networks whose mentions come by a stream."""


def stream_of(slug: str) -> Stream[Line]:
    """Return the stream of a network: the `STREAM` of the file of its name.

    Raises `ModuleNotFoundError` for a network that has no file.
    """
    return import_module(f"{__name__}.{slug}").STREAM
