"""The public registry of another installation: what it says is official becomes a candidate here.

It comes as `GET /api/v1/registry` gives it, the JSON lines of `address_file.py`. What another
installation verified has yet to be looked at here; it is no source beside those it has read itself
(`registering.REPEATS`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import httpx

from contracts.territories import Territories
from services.api.census.address_file import read_lines
from services.api.census.report import Report, Tell, Unusable, take_in
from services.api.store import Claim, Proof, Store

PATH = "/api/v1/registry"
JSON_LINES = "application/x-ndjson"
REGISTRY_BYTES = 64 * 1024 * 1024
"""Bytes of a registry: some 200,000 accounts."""

LONGEST_REASON = 200
"""Characters of what another installation says of an account that are kept."""


class NoRegistryError(ValueError):
    """What answered is not the registry of an installation, or not all of it."""


async def fetch(http: httpx.AsyncClient, url: str, hear: Tell = lambda _, __: None) -> list[bytes]:
    """Return the lines of the registry at an installation's address; `hear` counts bytes.

    Raises `NoRegistryError` when something else answers, or too much; httpx's errors.
    """
    address = url.rstrip("/") + PATH
    content = bytearray()
    async with http.stream("GET", address, headers={"accept": JSON_LINES}) as answer:
        kind = answer.headers.get("content-type", "")
        if answer.status_code != 200 or not kind.startswith(JSON_LINES):
            raise NoRegistryError(
                f"{address} answers {answer.status_code}, {kind or 'no type'}: no registry is there"
            )
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > REGISTRY_BYTES:
                raise NoRegistryError(f"{address} gives more than {REGISTRY_BYTES // 1024**2} MiB")
            hear(len(content), REGISTRY_BYTES)
    if content and not content.endswith(b"\n"):
        raise NoRegistryError(f"{address} was cut short after {len(content)} bytes: ask again")
    return bytes(content).splitlines()


def take_over(
    store: Store,
    lines: Sequence[bytes],
    territories: Territories,
    *,
    url: str,
    dry_run: bool = True,
    tell: Tell = lambda _, __: None,
) -> Report:
    """Register what another installation has verified, as candidates; twice is as once."""
    proof = Proof("registry", url.rstrip("/") + PATH, store.now())
    found = _candidates(read_lines(lines, territories, proof, store.origin))
    return take_in(store, len(lines), found, dry_run=dry_run, tell=tell)


def _candidates(found: Iterator[Claim | Unusable]) -> Iterator[Claim | Unusable]:
    for number, one in enumerate(found, 1):
        if isinstance(one, Unusable):
            yield replace(one, value=one.value[:LONGEST_REASON])
        elif one.state != "verified":
            yield Unusable(f"line {number}", f"{one.state}_there", one.identity.address)
        else:
            yield replace(one, state="candidate", reason="", account=None, registered_at=None)
