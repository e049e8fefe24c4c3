"""The territories around one: those that cover it, those that it covers, those like it."""

from collections.abc import Sequence

from contracts.territories import Kind, Territories, Territory


def above(territories: Territories, territory: Territory) -> list[Territory]:
    """Return what covers a territory: its intercommunalité, its département, its région."""
    known = territories
    codes = (territory.ept, territory.epci)
    found = [known.get(code) for code in codes if code]
    if territory.departement and territory.kind is not Kind.DEPARTEMENT:
        found.append(known.resolve(territory.departement))
    if territory.region and territory.kind is not Kind.REGION:
        found.append(known.get(f"{territory.region}R") or known.resolve(f"{territory.region}R"))
    kept = {
        one.code: one
        for one in found
        if one is not None and one.code != territory.code and one.origin == territory.origin
    }
    return list(kept.values())


def below(territories: Territories, territory: Territory) -> Sequence[Territory]:
    """Return what a territory directly covers, the most inhabited first."""
    inside = [one for one in territories.covers(territory.code) if one.origin == territory.origin]
    return sorted(inside, key=lambda one: (-(one.population or 0), one.nom))


def alike(territories: Territories, territory: Territory) -> list[Territory]:
    """Return the territories of its stratum, or of its category, of its own set; itself too."""
    return [
        one
        for one in territories
        if one.origin == territory.origin
        and (
            one.stratum == territory.stratum
            if territory.stratum
            else one.category is territory.category
        )
    ]
