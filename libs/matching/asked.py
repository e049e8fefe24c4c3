"""Reads what people type to find a territory: a title before the name, a place in brackets.

« Mairie de Lens », « Lens (Pas-de-Calais) », « Conseil départemental du Gers », « agglo La
Rochelle »: a name that exists as it was typed comes first, titles are read only then.
"""

import re

from contracts.territories import Kind, Territories, Territory
from libs.matching.territories import find, folded
from libs.matching.words import line

_COMMUNES = frozenset({Kind.COMMUNE})
_GROUPINGS = frozenset({Kind.EPCI, Kind.EPT})
_DEPARTEMENTS = frozenset({Kind.DEPARTEMENT})
_REGIONS = frozenset({Kind.REGION})

TITLES: tuple[tuple[str, frozenset[Kind]], ...] = (
    (r"(?:ville|mairie|commune|hotel de ville)", _COMMUNES),
    (r"(?:agglo|agglomeration|communaute d ?agglomeration|interco|intercommunalite)", _GROUPINGS),
    (r"(?:conseil departemental|conseil general|departement)", _DEPARTEMENTS),
    (r"(?:conseil regional|region)", _REGIONS),
)
"""A title, folded, and what it is the title of."""

_JOINED = r"(?: (?:de la|de l|du|des|de|d|la|le|les|l))? (?P<name>.+)"
_PLACED = re.compile(r"(?P<name>.+?)\s*\((?P<inside>[^()]+)\)\s*")
_SIREN = re.compile(r"\d{9}")


def search(territories: Territories, text: str, *, limit: int = 30) -> list[Territory]:
    """Return the territories that a text asks for, best first; [] where it asks for none."""
    digits = re.sub(r"\s", "", text)
    if _SIREN.fullmatch(digits):
        found = territories.by_siren(digits) or territories.resolve(digits)
        return [found] if found else []
    if found := find(territories, text, limit=limit):
        return found
    if placed := _PLACED.fullmatch(text):
        inside = folded(placed["inside"])
        places = find(territories, placed["name"], limit=500)
        there = [one for one in places if inside in _insides(territories, one)]
        exact = [one for one in there if folded(one.nom) == folded(placed["name"])]
        return (exact or there)[:limit]
    return _titled(territories, text, limit)


def _titled(territories: Territories, text: str, limit: int) -> list[Territory]:
    typed = line(text).strip().decode()
    for title, kinds in TITLES:
        read = re.fullmatch(f"{title}{_JOINED}", typed)
        if read and (found := find(territories, read["name"], kinds=kinds, limit=limit)):
            return found
    return []


def _insides(territories: Territories, territory: Territory) -> set[str]:
    """Return the names that a page may put in brackets after a name, folded, and their codes."""
    name = territories.departement_name(territory.departement)
    return {folded(one) for one in (name, territory.departement, territory.region) if one}


def why(territory: Territory, text: str) -> str:
    """Say why a territory answers a text where its name does not show it; else empty."""
    typed, digits = folded(text), re.sub(r"\s", "", text).upper()
    if digits == territory.siren:
        return f"SIREN {digits}"
    if digits == territory.code:
        return f"code {'INSEE ' if territory.kind is Kind.COMMUNE else ''}{digits}"
    if digits in territory.postal_codes:
        return f"code postal {digits}"
    parts = [one for one in territory.parts if one.code == digits]
    if not all(word in folded(territory.nom).split() for word in typed.split()[:-1]) or not any(
        word.startswith(typed.split()[-1]) for word in folded(territory.nom).split()
    ):
        parts += [one for one in territory.parts if _answers(folded(one.nom), typed)]
    if parts:
        kinds = {"arrondissement": "arrondissement", "departement": "ancien département"}
        return f"{kinds.get(parts[0].kind, 'ancienne commune')} : {parts[0].nom}"
    return f"ancien code {digits}" if digits in territory.former_codes else ""


def _answers(name: str, typed: str) -> bool:
    words, wanted = name.split(), typed.split()
    return all(word in words for word in wanted[:-1]) and any(
        word.startswith(wanted[-1]) for word in words
    )


def meant(territories: Territories, typed: str) -> list[Territory]:
    """Return what a code or a name may mean: those of exactly this name where there are some."""
    if place := territories.resolve(typed.strip()):
        return [place]
    found = search(territories, typed)
    return [one for one in found if folded(one.nom) == folded(typed)] or found
