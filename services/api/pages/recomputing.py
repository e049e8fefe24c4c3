"""« Vérifier ce score »: reads from observations what `libs/verify` needs, and calls it.

The computation is `libs/verify`, which shares no code with the scorer; here its input is
read from the raw observations. A rank needs every account of the cell and is not recomputed.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from contracts.accounts import AccountObserved, AccountRegistered, Ownership
from contracts.event import Origin
from contracts.posts import PostObserved
from contracts.territories import Territories
from libs import verify
from libs.french import first_day
from services.api.figures.queries import first
from services.api.figures.rows import (
    AccountScore,
    BaremeKnots,
    KnownAccount,
    Observation,
    Reading,
)
from services.api.figures.views import (
    ACCOUNT_OBSERVATIONS,
    ACCOUNT_READINGS,
    ACCOUNT_SCORE,
    BAREME_KNOTS,
    TERRITORY_ACCOUNTS,
)
from services.api.installation import Installation

MARGIN = timedelta(days=4)
"""Counters count up to three days before and after the month."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A score as published, and as recomputed now from what was observed."""

    published: AccountScore
    verdict: verify.Verdict
    rules: verify.Rules
    observations: int
    readings: int
    knots: Sequence[BaremeKnots]

    @property
    def score(self) -> Decimal | None:
        """Return the recomputed score, in points."""
        return _points(self.verdict.score)

    @property
    def difference(self) -> Decimal | None:
        """Return recomputed − published; None where either has no score."""
        if self.score is None or self.published.score is None:
            return None
        return self.score - self.published.score

    @property
    def agrees(self) -> bool:
        """Whether both say the same: score to 0.01, or the same reason for none."""
        return (self.score, self.verdict.reason) == (self.published.score, self.published.reason)


async def recompute(
    here: Installation, account: str, period: str, without: Collection[str] = ()
) -> Recomputed | None:
    """Recompute the score of an account for a month; None when it has no line there.

    Args:
        without: posts that are left out, as if they had not been published.

    Raises `verify.UnknownVersionError` for a month of a version without a second reading.
    """
    published = await first(here.figures, ACCOUNT_SCORE, account=account, period=period)
    if published is None:
        return None
    rules = verify.rules_of(published.methodology)
    start, end = first_day(period), _last_day(period)
    span = {"date_from": start.isoformat(), "date_to": end.isoformat()}
    around = {
        "date_from": (start - MARGIN).isoformat(),
        "date_to": (end + MARGIN).isoformat(),
    }
    read = here.figures.read
    observations, readings, knots, known = await asyncio.gather(
        read(ACCOUNT_OBSERVATIONS, None, account=account, **around),
        read(ACCOUNT_READINGS, None, account=account, **span),
        read(BAREME_KNOTS, None, methodology=published.methodology),
        read(TERRITORY_ACCOUNTS, None, territory=published.territory or ""),
    )
    readings = [one for one in readings if one.post not in without]
    held = next((one for one in known if one.account == account), None)
    if held is None:
        return None

    def compute() -> dict[str, verify.Verdict]:
        observed = verify.Observed(
            [_registered(here.settings.installation, published, held)],
            [_observed(published, one) for one in observations],
            [_post(one) for one in readings],
            _places(here.territories, published.territory),
        )
        return verify.verdicts(rules, period, observed, _bareme(knots))

    found = await asyncio.to_thread(compute)
    verdict = found.get(account, verify.Verdict(account, published.network))
    return Recomputed(published, verdict, rules, len(observations), len(readings), knots)


def _last_day(period: str) -> date:
    start = first_day(period)
    return date(start.year + start.month // 12, start.month % 12 + 1, 1) - timedelta(days=1)


def _registered(origin: Origin, published: AccountScore, held: KnownAccount) -> AccountRegistered:
    owners = (Ownership(territory=published.territory, home=True),) if published.territory else ()
    return AccountRegistered(
        event_id=held.account,
        origin=origin,
        account=held.account,
        revision=1,
        network=held.network,
        handle=held.handle,
        native_id=held.native_id,
        address=held.address,
        owners=owners,
        state="verified",
        registered_at=published.computed_at,
        changed_at=published.computed_at,
    )


def _observed(published: AccountScore, one: Observation) -> AccountObserved:
    return AccountObserved.model_validate(
        {**one.model_dump(), "account": published.account, "network": published.network},
        strict=False,
    )


def _post(one: Reading) -> PostObserved:
    return PostObserved.model_validate(one.model_dump(), strict=False)


def _places(territories: Territories, code: str | None) -> dict[str, verify.Place]:
    territory = territories.get(code) if code else None
    if territory is None:
        return {}
    place = verify.Place(
        territory.population, territory.category.value, territory.stratum, territory.ranked
    )
    return {territory.code: place}


def _bareme(rows: Sequence[BaremeKnots]) -> dict[tuple[str, str], verify.Cell]:
    """Return the barème as the independent reading takes it: its cells are « network, cell »."""
    knots: dict[tuple[str, str], dict[str, verify.Knots]] = {}
    accounts: dict[tuple[str, str], int] = {}
    for row in rows:
        cell = (row.network, row.cell or "*")
        knots.setdefault(cell, {})[row.kpi] = tuple(zip(row.knots, row.worths, strict=True))
        accounts[cell] = row.accounts
    return {cell: verify.Cell(accounts[cell], of_kpi) for cell, of_kpi in knots.items()}


def _points(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths) / 100
