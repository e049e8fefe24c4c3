"""The registry of a world as files: territories in the registry's own format, accounts by line."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from contracts.territories import Kind, Manifest, write_territories
from simulation.country.accounts import Account
from simulation.country.days import iso
from simulation.country.effects import Effect
from simulation.country.territories import YEAR
from simulation.country.world import World

TERRITORIES = "territories.jsonl.gz"
ACCOUNTS = "accounts.jsonl"
EFFECTS = "effects.jsonl"
_encode = msgspec.json.Encoder().encode


class Counts(NamedTuple):
    """What was written."""

    territories: int
    accounts: int
    sources: int


class Line(msgspec.Struct, frozen=True):
    """An account (or a source of mentions, whose territories are those that it speaks of) as the
    registry takes it in.

    ``address`` is what people write; ``handle`` and ``native_id`` are the network's own;
    ``registered_at`` is RFC 3339, UTC.
    """

    account: str
    network: str
    address: str
    handle: str
    native_id: str
    name: str
    territories: tuple[str, ...]
    role: str
    registered_at: str
    owner_kind: str = "collectivité"
    state: str = "verified"
    origin: str = "simulation"


class Truth(msgspec.Struct, frozen=True):
    """What was laid on an account: factors and followers gained are ‰, 0 is no contest."""

    account: str
    effects: tuple[Effect, ...]
    contest: int
    viral_day: str | None
    viral_factor: int
    viral_followers: int


def manifest(world: World) -> Manifest:
    """What the territories' file says of itself."""
    return Manifest(
        name="la-france-d-essai",
        version=f"{world.law.version}+{world.seed}",
        origin="simulation",
        year=YEAR,
        source="simulation/country/parameters.yaml",
        licence="Licence Ouverte 2.0",
        attribution="Territoires inventés : structure du code officiel géographique, "
        "noms, codes et populations fictifs",
        population="inventée",
    )


def lines(world: World, moment: int) -> Iterator[Line]:
    """The accounts as they are at a moment; they are registered since the world began."""
    since = f"{iso(world.crowd.begin)}Z"
    for account in world.walk():
        yield line(account, moment, since)


def line(account: Account, moment: int, since: str) -> Line:
    """An account as it is at a moment."""
    return Line(
        account=account.id,
        network=account.network,
        address=account.address(moment),
        handle=account.observed_handle(moment),
        native_id=account.native_id,
        name=account.name,
        territories=account.owners,
        role=account.role,
        registered_at=since,
        owner_kind="personne" if account.role == "mayor" else "collectivité",
    )


def export_world(world: World, folder: Path, moment: int) -> Counts:
    """Write the files, creating the folder; accounts by line, as they are at a moment.

    The third says what makes posts of each account react: the truth that an analysis is judged by.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_territories(
        folder / TERRITORIES, (place.territory for place in world.places), manifest(world)
    )
    accounts = 0
    laws = ((network, rules.law.speech) for network, rules in world.networks.items())
    departements = [
        place.territory.code for place in world.places if place.territory.kind is Kind.DEPARTEMENT
    ]
    sources = [
        (
            network,
            address,
            tuple(one for one in departements if world.mentions.paper(speech, one) == address),
        )
        for network, speech in laws
        if speech is not None and speech.press
        for address in speech.sources
    ]
    with (folder / ACCOUNTS).open("wb") as out:
        for entry in lines(world, moment):
            out.write(_encode(entry) + b"\n")
            accounts += 1
        since = f"{iso(world.crowd.begin)}Z"
        for network, address, covers in sources:
            out.write(_encode(source(network, address, covers, since)) + b"\n")
    with (folder / EFFECTS).open("wb") as out:
        for account in world.walk():
            out.write(_encode(truth(account)) + b"\n")
    return Counts(len(world.places), accounts, len(sources))


def truth(account: Account) -> Truth:
    """What makes posts of an account react more or less."""
    effects = account.effects
    day, factor, gain = effects.burst
    return Truth(
        account=account.id,
        effects=effects.given,
        contest=effects.contest,
        viral_day=date.fromordinal(day).isoformat() if day else None,
        viral_factor=factor,
        viral_followers=gain,
    )


def source(network: str, address: str, covers: tuple[str, ...], since: str) -> Line:
    """A feed that belongs to nobody of the registry: what it says is mentions, of some places."""
    return Line(
        account=address,
        network=network,
        address=address,
        handle=address,
        native_id=address,
        name=f"La Gazette fictive ({address.split('/')[2]})",
        territories=covers,
        role="source",
        registered_at=since,
        owner_kind="source",
    )
