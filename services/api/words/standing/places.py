"""Which places an account has on its network, among whom, and how that is said: pure functions.

A place is a range: from the one that the upper bound of the score would have to that of the lower
one (methodology, 10.4). It is told in the first half alone (decision 0013).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.networks import network_of
from contracts.territories import Category
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.figures.month_rows import MonthCell
from services.api.figures.rows import AccountScore
from services.api.words.standing.first_half import Half, half

FEMININE = frozenset(
    {
        Category.PETITES_VILLES,
        Category.VILLES_MOYENNES,
        Category.GRANDES_VILLES,
        Category.COMMUNAUTES_DE_COMMUNES,
        Category.COMMUNAUTES_D_AGGLOMERATION,
        Category.COMMUNAUTES_URBAINES,
        Category.METROPOLES,
        Category.REGIONS,
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """Those who are ranked together on a network: so many accounts, of so many territories."""

    who: str
    network: str
    accounts: int
    territories: int
    feminine: bool = True

    @property
    def counted(self) -> str:
        """Write « 87 communes de 7 500 à 9 999 habitants notées sur Instagram ».

        Where a territory has two accounts it is accounts that are counted, and said.
        """
        if self.accounts == self.territories:
            scored = "notées" if self.feminine else "notés"
            return f"{french.number(self.accounts)}{NO_BREAK}{self.who} {scored} {self._on}"
        of = "d’" if self.who[0] in "aeéiou" else "de "
        return f"{french.number(self.accounts)}{NO_BREAK}comptes {of}{self.who} notés {self._on}"

    @property
    def again(self) -> str:
        """Write it where the same people were just named: « 62 notées », « 40 comptes notés »."""
        if self.accounts != self.territories:
            return f"{french.number(self.accounts)}{NO_BREAK}comptes notés"
        return f"{french.number(self.accounts)}{NO_BREAK}{'notées' if self.feminine else 'notés'}"

    def placed(self, best: int, worst: int) -> str:
        """Write places before « des 87 communes… »: « parmi les 11 premières »."""
        feminine = self.feminine and self.accounts == self.territories
        if best > 1:
            return f"{between(best, worst)}"
        if worst == 1:
            return "première" if feminine else "premier"
        first = "premières" if feminine else "premiers"
        return f"parmi les {french.number(worst)}{NO_BREAK}{first}"

    @property
    def _on(self) -> str:
        return f"sur{NO_BREAK}{network_of(self.network).name}"


def field(score: AccountScore, cells: Sequence[MonthCell]) -> Field:
    """Return those whom an account is ranked with: of its stratum, else of its category."""
    of_network = [one for one in cells if one.network == score.network]
    if score.stratum_rank is not None and score.stratum is not None:
        found = [one for one in of_network if one.stratum == score.stratum]
        who, accounts = f"communes de {french.stratum(score.stratum)}", score.stratum_ranked or 0
        return Field(who, score.network, accounts, _territories(found, accounts))
    category = Category(score.category or Category.AUTRES)
    found = [one for one in of_network if one.category == category.value]
    accounts = score.ranked or 0
    territories = _territories(found, accounts)
    return Field(category.label, score.network, accounts, territories, category in FEMININE)


def _territories(cells: Sequence[MonthCell], accounts: int) -> int:
    """Return how many territories cells hold; 0 where they do not tell of so many accounts."""
    known = sum(one.accounts for one in cells) == accounts
    return sum(one.territories for one in cells) if known else 0


def bounds(score: AccountScore) -> tuple[int, int] | None:
    """Return the best and the worst place of an account where it is ranked; None without rank."""
    if score.stratum_rank is not None:
        best, worst = score.stratum_high_rank, score.stratum_low_rank
        return best or score.stratum_rank, worst or score.stratum_rank
    if score.rank is not None:
        return score.high_rank or score.rank, score.low_rank or score.rank
    return None


def span(best: int, worst: int) -> str:
    """Write places in a table: « 4 », « 1 à 11 »."""
    if best == worst:
        return french.number(best)
    return f"{french.number(best)}{NO_BREAK}à{NO_BREAK}{french.number(worst)}"


def short(score: AccountScore) -> str:
    """Write the places of an account for a tile: « places 1 à 11 sur 87 »."""
    told, places = half(score), bounds(score)
    if told is None or places is None:
        return "sans rang : moins de dix notés"
    ranked = french.number(_ranked(score))
    if told is Half.FIRST:
        word = "place" if places[0] == places[1] else "places"
        return f"{word} {span(*places)} sur {ranked}"
    stands = "autour du milieu" if told is Half.MIDDLE else "dans la seconde moitié"
    return f"{stands} des {ranked}"


def _ranked(score: AccountScore) -> int:
    ranked = score.ranked if score.stratum_rank is None else score.stratum_ranked
    return ranked or 0


def standing(score: AccountScore, name: str, among: Field) -> str:
    """Say where an account stands in its month, among how many."""
    when = french.in_month(score.period, year=True).capitalize()
    where = f"sur{NO_BREAK}{network_of(score.network).name}"
    if score.reason is not None or score.score is None:
        return f"{when}, {where}, {name} n’a pas de score."
    told, places = half(score), bounds(score)
    if told is None or places is None:
        points = french.number(score.score, 1)
        return (
            f"{when}, {where}, {name} obtient {points} sur{NO_BREAK}100{NARROW}; moins de dix "
            "comptes de sa catégorie sont notés : la liste est sans rang."
        )
    if told is Half.FIRST:
        return f"{when}, {name} est {between(*places)} sur {among.counted}."
    stands = "autour du milieu" if told is Half.MIDDLE else "dans la seconde moitié"
    return f"{when}, {name} est {stands} des {among.counted}."


def between(best: int, worst: int) -> str:
    """Write places in a sentence: « à la 4ᵉ place », « entre la 1ʳᵉ et la 11ᵉ place »."""
    if best == worst:
        return f"à la {french.ordinal(best)}{NO_BREAK}place"
    return f"entre la {french.ordinal(best)} et la {french.ordinal(worst)}{NO_BREAK}place"
