"""The first screen of a territory: one sentence for all its networks, one tile an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.networks import network_of
from contracts.scores import reason_words
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.figures.month_rows import MonthCell, TerritorySynthesis
from services.api.figures.rows import TerritoryAccount, TerritoryScore
from services.api.words.sentences import reason
from services.api.words.standing import places
from services.api.words.standing.first_half import Half, half
from services.api.words.standing.moves import move, trend


@dataclass(frozen=True, slots=True)
class Tile:
    """An account on the first screen: what it is, where it stands, how fresh that is."""

    account: str
    network: str
    handle: str
    role: str
    score: TerritoryScore | None
    observed_at: datetime | None

    @property
    def places(self) -> str:
        """Write its places, or why it has none."""
        if self.score is None:
            return "pas de ligne ce mois-là"
        if self.score.score is None:
            return reason_words(self.score.reason).tile
        return places.short(self.score)

    @property
    def moved(self) -> str:
        """Write its move with what the margins allow; empty without a month to compare."""
        found = move(self.score, self.score.methodology) if self.score else None
        if found is None:
            return ""
        if not found.told:
            return f"stable ({french.number(found.before, 1)} le mois d’avant)"
        return f"{found.short} (entre {found.between})"


def tiles(
    accounts: Sequence[TerritoryAccount],
    scores: Mapping[str, TerritoryScore],
    roles: Mapping[str, str],
) -> list[Tile]:
    """Return the tiles of accounts, in their order; those that have a score come first."""
    found = [
        Tile(
            one.account,
            one.network,
            one.handle,
            roles.get(one.account, ""),
            scores.get(one.account),
            one.observed_at,
        )
        for one in accounts
    ]
    return sorted(found, key=lambda one: one.score is None or one.score.score is None)


def sentence(shown: Sequence[Tile], cells: Sequence[MonthCell], period: str) -> str:
    """Say in one sentence how the account of each network stands, the first tile of each."""
    heads: dict[str, TerritoryScore] = {}
    for tile in shown:
        if tile.score is not None:
            heads.setdefault(tile.network, tile.score)
    ordered = sorted(heads.values(), key=lambda one: one.score is None)
    named: set[str] = set()
    parts = [_part(one, cells, named) for one in ordered]
    when = french.in_month(period, year=True).capitalize()
    return f"{when}{NO_BREAK}: {f'{NARROW}; '.join(parts)}."


def account_by_account(shown: Sequence[Tile]) -> list[tuple[Tile, str]]:
    """Say in a sentence or two of each account where it stands, or why nowhere."""
    return [(one, _told(one.score)) for one in shown if one.score is not None]


def _told(score: TerritoryScore) -> str:
    if score.score is None:
        family, meaning = reason(score)
        return f"non classé ({family[:1].lower()}{family[1:]}). {meaning}"
    low, high = french.number(score.low, 1), french.number(score.high, 1)
    points = f"{french.number(score.score, 1)} sur{NO_BREAK}100 (entre {low} et {high})"
    return f"{points}, {places.short(score)}. {trend(score)}"


def overall(found: TerritorySynthesis | None) -> str:
    """Say the score of a territory over its networks, on how many it is, or why there is none.

    Those alone are counted whose use in France is known: the others weigh nothing.
    """
    if found is None or not found.weighed:
        return ""
    counted = {0: "aucun réseau noté", 1: "1 réseau noté"}
    noted = counted.get(found.scored, f"{found.scored} réseaux notés")
    noted = f"{noted} sur {found.weighed} dont l’usage en France est connu"
    if found.score is None:
        share, least = (f"{one or 0}{NARROW}%" for one in (found.share, found.least_share))
        return f"Pas de score d’ensemble{NO_BREAK}: {noted} ({share}{NARROW}; il en faut {least})."
    low, high = french.number(found.low, 1), french.number(found.high, 1)
    return (
        f"Score d’ensemble{NO_BREAK}: {french.number(found.score, 1)} sur{NO_BREAK}100 "
        f"(entre {low} et {high}), {noted}. Sans rang."
    )


def _part(score: TerritoryScore, cells: Sequence[MonthCell], named: set[str]) -> str:
    """Write how one network stands; those who are compared are named in full once."""
    network = network_of(score.network).name
    if score.score is None:
        words = reason_words(score.reason)
        return f"{network} {words.standing or words.tile}"
    told, bounds = half(score), places.bounds(score)
    if told is None or bounds is None:
        points = french.number(score.score, 1)
        return f"{network} {points} sur{NO_BREAK}100, sans rang (moins de dix notés){_moved(score)}"
    among = places.field(score, cells)
    whom = among.again if among.who in named else among.counted
    named.add(among.who)
    if told is Half.FIRST:
        return f"{network} {among.placed(*bounds)} des {whom}{_moved(score)}"
    stands = "autour du milieu" if told is Half.MIDDLE else "dans la seconde moitié"
    return f"{network} {stands} des {whom}{_moved(score)}"


def _moved(score: TerritoryScore) -> str:
    found = move(score, score.methodology)
    if found is None:
        return ""
    if not found.told:
        return ", stable"
    return f", {found.short}{NO_BREAK}{'point' if abs(found.points) < 2 else 'points'}"
