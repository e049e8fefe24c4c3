"""Same seed, same world; another seed, another world; names that are nobody's."""

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean, median

import pytest

from contracts.networks import KNOWN
from contracts.territories import Kind, Territories, read_territories
from libs.matching.territories import folded, named
from simulation.country.accounts import invented
from simulation.country.crowd import mark_of
from simulation.country.days import DAY, day_of, midnight, moment_of
from simulation.country.names import (
    COMMUNES,
    DEPARTEMENTS,
    REGIONS,
    commune_name,
    departement_name,
    region_name,
)
from simulation.country.world import World
from simulation.history.export import ACCOUNTS, TERRITORIES, export_world
from simulation.history.history import History, Plan

FINGERPRINT = Path(__file__).with_name("fingerprint.py")
USUAL = FINGERPRINT.with_suffix(".txt").read_text(encoding="utf-8").strip()
"""The usual world of fifty territories and its records; `make world` writes it anew."""


def fingerprint(seed: str, hash_seed: str, folder: Path, python: str = sys.executable) -> str:
    """What a new process finds of a world, in a folder, under a hash seed."""
    folder.mkdir()
    root = str(Path(__file__).resolve().parents[2])
    env = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": root}
    done = subprocess.run(
        [python, str(FINGERPRINT), seed],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_seed_gives_the_same_world_in_every_process(tmp_path):
    """Another process, hash seed and folder than those that found ``USUAL``."""
    assert fingerprint("france-d-essai", "4242", tmp_path / "folder") == USUAL


def test_a_later_python_gives_the_same_world(tmp_path):
    other = os.environ.get("OBSERVATOIRE_OTHER_PYTHON")
    if other is None:
        pytest.skip(
            "OBSERVATOIRE_OTHER_PYTHON names no other Python (with msgspec, pydantic, pyyaml)"
        )
    assert fingerprint("france-d-essai", "7", tmp_path / "other", other) == USUAL


def shown(world: World, networks: Iterable[str]) -> dict[str, dict[str, object]]:
    """All that the accounts of some networks show in two days, and what is said on them."""
    since = moment_of("2026-10-01")
    history = History(world, Plan(since, since + 2 * DAY, texts_since=since))
    found: dict[str, dict[str, object]] = {slug: {} for slug in networks}
    for account in (account for slug in networks for account in world.by_network[slug]):
        written = [
            value
            for first, last in history.chunks()
            for _, value in history.records(account, first, last)
        ]
        found[account.network][account.id] = (account.name, account.owners, account.serial, written)
    for mention in world.mentions.between(since, since + DAY // 8):
        if mention.crisis is None and mention.network in found:
            found[mention.network][f"mention {mention.number}"] = mention
    return found


@pytest.fixture(scope="module")
def whole_show(world: World) -> dict[str, dict[str, object]]:
    return shown(world, world.networks)


@pytest.mark.parametrize("dropped", sorted(invented()))
def test_without_a_network_all_others_are_the_same(dropped, world, whole_show):
    """Draws were by position: each network beyond the sixth took the draws of another one."""
    left = {slug: rules for slug, rules in world.networks.items() if slug != dropped}
    assert whole_show[dropped]
    others = {slug: accounts for slug, accounts in whole_show.items() if slug != dropped}
    assert shown(World(size=50, networks=left), left) == others


def test_a_seventeenth_network_disturbs_nobody(world, whole_show):
    model = type(world.networks["youtube"])
    more = {
        slug: type("Further", (model,), {"slug": slug})()
        for slug in (f"further-{rank}" for rank in range(17 - len(world.networks)))
    }
    larger = World(size=50, networks=more | world.networks)
    assert all(larger.by_network[slug] for slug in more)
    assert len({account.serial for account in larger.accounts}) == len(larger.accounts)
    assert shown(larger, world.networks) == whole_show


def test_no_two_networks_have_one_mark(world):
    known = {network.slug for network in KNOWN}
    assert len({mark_of(slug) for slug in known}) == len(known)
    assert not {*world.networks} - known


def test_another_seed_is_another_world_as_plausible(world):
    other = World("another", 50)
    names = {place.territory.nom for place in world.places}
    cast = {part.name for part in world.law.cast}
    assert len(names & {place.territory.nom for place in other.places} - cast) < 10
    assert not {one.id for one in world.accounts} & {one.id for one in other.accounts}
    held: defaultdict[str, set[str]] = defaultdict(set)
    audiences: defaultdict[str, list[int]] = defaultdict(list)
    for account in other.walk():
        if account.role == "main" and account.network != "rss":
            held[account.home].add(account.network)
            audiences[account.network].append(account.knots[0])
    assert fmean("facebook" in one for one in held.values()) > 0.85
    assert 0.2 < fmean(audiences["instagram"]) / fmean(audiences["facebook"]) < 0.9


def test_what_was_asked_before_changes_nothing():
    since = moment_of("2026-09-07")
    forwards, backwards = World(size=50), World(size=50)
    account = next(account for account in forwards.accounts if account.network == "bluesky")
    twin = next(
        account
        for account in backwards.accounts
        if account.serial == account.serial and account.network == "bluesky"
    )
    days = range(0, 40, 3)
    one = [forwards.post_count(account, since + day * DAY) for day in days]
    other = [backwards.post_count(twin, since + day * DAY) for day in reversed(days)]
    assert one == other[::-1]
    assert forwards.followers(account, since) == backwards.followers(twin, since)


def test_a_territory_keeps_name_and_code_in_worlds_of_every_size(world):
    larger = World(size=200)
    known = {place.territory.code: place for place in larger.places}
    kept = [place for place in world.places if place.territory.code in known]
    assert len(kept) > 10
    for place in kept:
        assert place == known[place.territory.code]


@pytest.mark.parametrize("size", [50, 300, 2000])
def test_a_world_has_the_size_asked_for(size):
    world = World(size=size)
    assert len(world.places) == size
    codes = {place.territory.code for place in world.places}
    assert len(codes) == size
    for place in world.places:
        territory = place.territory
        assert territory.code.startswith(
            "00" if territory.kind not in (Kind.EPCI, Kind.EPT) else "0"
        )
        assert {
            code for code in (*territory.covered_by, territory.epci, territory.ept) if code
        } <= codes


@pytest.fixture(scope="module")
def whole() -> World:
    return World(size=None)


AROUND = re.compile(
    r"(?:cc |territoire de |territoire d )?(.+?)"
    r"(?: metropole| agglomeration| communaute urbaine| et .+)?"
)
"""What an invented intercommunalité has around the name of its centre."""


def test_the_names_of_every_kind_of_territory_are_known():
    """Otherwise the test below would prove nothing."""
    registry = Territories.load()
    kinds = Counter(str(row.kind) for row in registry)
    parts = Counter(part.kind for row in registry for part in row.parts)
    assert kinds["commune"] > 34_000
    assert kinds["epci"] > 1200
    assert kinds["departement"] + parts["departement"] > 100
    assert kinds["region"] >= 17
    assert parts["deleguee"] > 2000
    for name in (
        "Lens",
        "Les Trois-Pierres",
        "Bordeaux Métropole",
        "Pas-de-Calais",
        "Bas-Rhin",
        "Bretagne",
        "Mayotte",
        *(part.nom for row in registry for part in row.parts),
    ):
        assert named(registry, name), name


def test_no_invented_name_is_a_real_one(whole):
    """Neither those of this seed, nor any that another seed could give."""
    registry, world = Territories.load(), whole
    invented = {
        name
        for place in world.places
        for name in (place.territory.nom, *(p.nom for p in place.territory.parts))
    }
    assert len(world.places) > 36_000
    assert [name for name in invented if named(registry, name)] == []
    possible = {folded(commune_name(rank, world.chance)) for rank in range(COMMUNES)}
    real = {folded(name) for name in registry.names()}
    assert possible & real == set()
    centres = {found[1] for name in real if (found := AROUND.fullmatch(name))}
    assert "bordeaux" in centres
    assert possible & centres == set()
    above = [departement_name(rank, world.chance) for rank in range(DEPARTEMENTS)]
    above += [region_name(rank, world.chance) for rank in range(REGIONS)]
    assert len(set(above)) == DEPARTEMENTS + REGIONS
    assert [name for name in above if named(registry, name)] == []


def test_every_commune_has_a_name_of_its_own(whole):
    world = whole
    communes = [
        place.territory.nom for place in world.places if place.territory.kind is Kind.COMMUNE
    ]
    assert len({folded(name) for name in communes}) == len(communes) > 34_000


def test_the_cast_is_there(world):
    essai = world.place("Essai-sur-Onde").territory
    assert (essai.population, essai.stratum) == (8214, "7500-9999")
    nothing = world.place("Bourg-Simulacre").territory.code
    assert not [account for account in world.accounts if account.home == nothing]
    shared = [account for account in world.accounts if len(account.owners) > 1]
    assert [account.network for account in shared] == ["bluesky"]
    assert {world.place_by_code[code].territory.nom for code in shared[0].owners} == {
        "Clairmesure",
        "Clairmesure Métropole",
    }


def test_export_gives_files_that_the_registry_reads(world, tmp_path):
    counts = export_world(world, tmp_path, moment_of("2026-11-24"))
    manifest, rows = read_territories(tmp_path / TERRITORIES)
    assert manifest.origin == "simulation"
    assert len(rows) == counts.territories == 50
    lines = (tmp_path / ACCOUNTS).read_text(encoding="utf-8").splitlines()
    assert len(lines) == counts.accounts + counts.sources
    spoken = [json.loads(line)["territories"] for line in lines[counts.accounts :]]
    departements = [row.code for row in rows if row.kind is Kind.DEPARTEMENT]
    assert sorted(code for each in spoken for code in each) == sorted(departements)
    assert len(Territories.load(tmp_path / TERRITORIES)) > 36_000


def test_a_civil_day_of_paris_begins_at_its_midnight():
    for text in (
        "2026-03-29T03:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T23:59:59+01:00",
        "2026-07-14T00:00:00+02:00",
    ):
        moment = moment_of(text)
        day = day_of(moment)
        assert midnight(day) <= moment < midnight(day + 1)


def test_the_country_resembles_the_published_figures(whole):
    """Bounds around the figures of docs/simulation/distributions.md, at the size of France."""
    held: defaultdict[str, set[str]] = defaultdict(set)
    followers: list[int] = []
    rates: list[float] = []
    since, until = moment_of("2026-10-01"), moment_of("2026-11-01")
    for account in whole.walk():
        if account.network == "rss" or account.role != "main":
            continue
        for owner in account.owners:
            held[owner].add(account.network)
        if account.network == "instagram":
            followers.append(whole.followers(account, since))
            posts = whole.press.between(account, since, until) if len(rates) < 300 else []
            seen = [
                sum(whole.counters(post, post.created + 7 * DAY)[:4])
                / max(1, whole.followers(account, post.created))
                for post in posts
            ]
            if len(seen) >= 4:
                rates.append(fmean(seen))
    assert 0.137 < len(held) / len(whole.places) < 0.68
    assert 0.92 < fmean("facebook" in one for one in held.values()) < 0.96
    assert 0.49 < fmean(len(one) == 1 for one in held.values()) < 0.55
    assert 2400 < fmean(followers) < 2950
    assert 0.02 < median(rates) < 0.05


def test_people_of_august_are_elsewhere(world):
    accounts = [account for account in world.accounts if account.network == "facebook"]

    def posts(since: str, until: str) -> int:
        days = range(day_of(moment_of(since)), day_of(moment_of(until)))
        return sum(world.press.count(account, day) for account in accounts for day in days)

    assert posts("2026-08-03", "2026-08-24") * 2 < posts("2026-10-05", "2026-10-26") * 1.6
