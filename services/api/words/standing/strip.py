"""The first screen of a territory: one sentence for all its networks, one tile an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.networks import network_of
from contracts.scores import reason_words
from libs import french
from libs.french import NARROW, NO_BREAK
from services.api.figures.month_rows import MonthCell, TerritoryNetwork, TerritorySynthesis
from services.api.figures.rows import KnownAccount, TerritoryScore
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
    accounts: Sequence[KnownAccount],
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


NEVER = "unscored_network"
"""The reason of networks that have no score at all."""
COUNTED = 2
"""From so many on, networks without score are told together."""


def sentence(shown: Sequence[Tile], cells: Sequence[MonthCell], period: str) -> str:
    """Say in one sentence how the account of each network stands, the first tile of each."""
    heads: dict[str, TerritoryScore] = {}
    for tile in shown:
        if tile.score is not None:
            heads.setdefault(tile.network, tile.score)
    ordered = sorted(heads.values(), key=lambda one: one.score is None)
    named: set[str] = set()
    never = [one for one in ordered if one.reason == NEVER]
    many = len(never) >= COUNTED
    parts = [_part(one, cells, named) for one in ordered if not many or one.reason != NEVER]
    if many:
        others = "autres réseaux" if parts else "réseaux"
        parts.append(f"{len(never)}{NO_BREAK}{others} observés, jamais notés")
    when = french.in_month(period, year=True).capitalize()
    return f"{when}{NO_BREAK}: {f'{NARROW}; '.join(parts)}."


def account_by_account(shown: Sequence[Tile]) -> tuple[list[tuple[Tile, str]], list[Tile]]:
    """Say in a sentence or two of each account where it stands, or why nowhere.

    Those of networks that have no score at all come apart, where there are several.
    """
    never = [one for one in shown if one.score is not None and one.score.reason == NEVER]
    together = never if len(never) >= COUNTED else []
    told = [(one, _told(one.score)) for one in shown if one.score and one not in together]
    return told, together


def _told(score: TerritoryScore) -> str:
    if score.score is None:
        family, meaning = reason(score)
        return f"non classé ({family[:1].lower()}{family[1:]}). {meaning}"
    low, high = french.number(score.low, 1), french.number(score.high, 1)
    points = f"{french.number(score.score, 1)} sur{NO_BREAK}100 (entre {low} et {high})"
    return f"{points}, {places.short(score)}. {trend(score)}"


def overall(found: TerritorySynthesis, networks: Sequence[TerritoryNetwork]) -> str:
    """Say the score of a territory over its networks, on which it is, or why there is none.

    Those alone are counted whose use in France is known: the others weigh nothing.
    """
    if not found.weighed:
        return ""
    weighed = [one for one in networks if one.weight]
    scored = [one for one in weighed if one.score is not None]
    noted = {0: "aucun n’est noté", 1: f"seul {_names(scored)} est noté"}
    counted = (
        f"des réseaux dont l’usage en France est connu ({_names(weighed)}), "
        f"{noted.get(len(scored), f'{_names(scored)} sont notés')}"
    )
    left_out = [one for one in networks if not one.weight and one.score is not None]
    out = f" Sans compter {_names(left_out)}, dont l’usage n’est pas connu." if left_out else ""
    if found.score is None:
        share, least = (f"{one or 0}{NARROW}%" for one in (found.share, found.least_share))
        return (
            f"Pas de score d’ensemble{NO_BREAK}: {counted}, soit {share} de cet usage{NARROW}; "
            f"il en faut {least}.{out}"
        )
    low, high = french.number(found.low, 1), french.number(found.high, 1)
    return (
        f"Score d’ensemble, sans rang{NO_BREAK}: {french.number(found.score, 1)} sur{NO_BREAK}100 "
        f"(entre {low} et {high})"
        + (f", sur {_names(scored)}." if len(scored) == len(weighed) else f"{NARROW}; {counted}.")
        + out
    )


def _names(networks: Sequence[TerritoryNetwork]) -> str:
    return french.series(network_of(one.network).name for one in networks)


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
