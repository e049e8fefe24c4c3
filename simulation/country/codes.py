"""Codes of the invented territories: those of communes begin with « 00 », of EPCI with « 0 ».

Real codes never begin with « 00 ». A territory has the same code in worlds of every size: codes
come from the rank in the whole registry.
"""

from collections.abc import Mapping, Sequence

from contracts.territories import Kind, Territory
from simulation.country.chance import Chance, shuffled_index

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def invented_codes(
    rows: Sequence[Territory], communes: Sequence[Territory], chance: Chance
) -> dict[str, str]:
    """The invented code of each real one; ``communes`` from the most populated on."""
    codes: dict[str, str] = {}
    for rank, row in enumerate(communes):
        place = shuffled_index(rank, len(ALPHABET) ** 3, chance, "codes")
        codes[row.code] = f"00{_base36(place, 3)}"
    groupings = [row for row in rows if row.kind in (Kind.EPCI, Kind.EPT)]
    for index, row in enumerate(groupings):
        codes[row.code] = f"0{20_000_000 + shuffled_index(index, 99_991, chance, 'sirens'):08d}"
    areas = [row for row in rows if row.kind is Kind.DEPARTEMENT]
    for index, row in enumerate(areas):
        codes[row.code] = _departement_code(shuffled_index(index, len(areas), chance, "areas") + 1)
    for index, row in enumerate(row for row in rows if row.kind is Kind.REGION):
        codes[row.code] = f"00{ALPHABET[10 + index]}R"
    return codes


def statistical_codes(
    rows: Sequence[Territory], communes: Sequence[Territory], codes: Mapping[str, str]
) -> dict[str, str]:
    """Codes of the statistical départements: those of collectivités where they are the same."""
    found = {row.code: codes[row.code] for row in rows if row.kind is Kind.DEPARTEMENT}
    spare = len(found)
    for code in sorted({row.departement for row in communes if row.departement} - found.keys()):
        spare += 1
        found[code] = _departement_code(spare)
    return found


def statistical_regions(
    rows: Sequence[Territory], communes: Sequence[Territory], codes: Mapping[str, str]
) -> dict[str, str]:
    """Codes of the statistical régions; with R behind, those of the collectivités."""
    found = {
        row.region: codes[row.code][:-1] for row in rows if row.kind is Kind.REGION and row.region
    }
    rest = sorted({row.region for row in communes if row.region} - found.keys())
    return found | {region: f"00{ALPHABET[35 - index]}" for index, region in enumerate(rest)}


def _base36(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, 36)
        text = ALPHABET[digit] + text
    return text


def _departement_code(number: int) -> str:
    return f"00{_base36(number, 1 if number < len(ALPHABET) else 2)}"
