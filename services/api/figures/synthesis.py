"""The score of a territory over its networks (docs/methodology.md, 14), of its lines of a month.

The one place that computes it; `libs/verify` reads the methodology a second time, to check it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import isqrt

from services.api.figures.month_rows import NetworkUse, TerritoryNetwork, TerritorySynthesis
from services.api.figures.rows import KnownAccount, TerritoryScore

HUNDREDTHS = 100
"""In one point: scores are summed as whole numbers."""

UNWEIGHED = NetworkUse(methodology="", network="", weight=0, source=None, year=None, least_share=0)


def networks_held(
    lines: Sequence[TerritoryScore],
    accounts: Sequence[KnownAccount],
    uses: Sequence[NetworkUse],
) -> list[TerritoryNetwork]:
    """Return the networks of a month's lines, each with its home account and what it weighs.

    The town hall's account comes before those of its services, then the one longest known (14.1).
    """
    known = {one.account: one for one in accounts}
    weights = {(one.methodology, one.network): one for one in uses}

    def order(line: TerritoryScore) -> tuple[object, ...]:
        account = known.get(line.account)
        if account is None:
            return (True, True, "", line.account)
        return (account.role != "main", False, account.registered_at, line.account)

    homes: dict[str, TerritoryScore] = {}
    for line in sorted(lines, key=order):
        homes.setdefault(line.network, line)
    return [
        _network(line, known, weights.get((line.methodology, network), UNWEIGHED))
        for network, line in sorted(homes.items())
    ]


def _network(
    line: TerritoryScore, known: Mapping[str, KnownAccount], use: NetworkUse
) -> TerritoryNetwork:
    account = known.get(line.account)
    return TerritoryNetwork(
        network=line.network,
        account=line.account,
        handle=line.handle,
        address=line.address,
        role=account.role if account else None,
        weight=use.weight,
        source=use.source,
        year=use.year,
        least_share=use.least_share,
        score=line.score,
        low=line.low,
        high=line.high,
        reason=line.reason,
    )


def synthesis(networks: Sequence[TerritoryNetwork]) -> TerritorySynthesis:
    """Return the mean of the networks' scores by weight, its interval from their variances.

    Null unless those that have a score weigh `least_share` percent of those held (14.3 to 14.5).
    """
    weight = sum(one.weight for one in networks)
    counted = [one for one in networks if one.weight and one.score is not None]
    scored = sum(one.weight for one in counted)
    least = max((one.least_share for one in networks), default=0)
    told = bool(scored) and 100 * scored >= least * weight
    total = sum(one.weight * _hundredths(one.score) for one in counted)
    under = isqrt(
        sum((one.weight * (_hundredths(one.score) - _hundredths(one.low))) ** 2 for one in counted)
    )
    over = isqrt(
        sum((one.weight * (_hundredths(one.high) - _hundredths(one.score))) ** 2 for one in counted)
    )
    return TerritorySynthesis(
        held=len(networks),
        weighed=sum(bool(one.weight) for one in networks),
        scored=len(counted),
        share=100 * scored // weight if weight else None,
        least_share=least,
        score=_mean(total, scored) if told else None,
        low=_mean(total - under, scored) if told else None,
        high=_mean(total + over, scored) if told else None,
    )


def _hundredths(points: Decimal | None) -> int:
    return int((points or Decimal(0)) * HUNDREDTHS)


def _mean(total: int, weight: int) -> Decimal:
    """Return a mean of hundredths as points, its half rounded up."""
    return Decimal((2 * total + weight) // (2 * weight)) / HUNDREDTHS
