"""The rows of a month as open files give them: every account, every revision, every indicator."""

from typing import TYPE_CHECKING

from pydantic import create_model

from contracts.kpis import KPIS
from services.api.figures.rows import Instant, KpiPoints, Points, RankedAccount, Row, State, Text

LEVERS = tuple(kpi.slug for kpi in KPIS if not kpi.raw)
"""KPIs that leave as a quartile where their value may not."""


class MonthLine(KpiPoints, RankedAccount):
    """An account in a month, scored or not; points are of 100, before they are weighed."""

    reason: Text
    stratum_rank: int | None
    stratum_ranked: int | None
    stratum_low_rank: int | None
    stratum_high_rank: int | None
    following: int | None
    posts: int | None
    measured: int | None
    hidden_posts: int | None
    deleted_posts: int | None
    gaps: int | None
    scope: Text


if TYPE_CHECKING:

    class GivenLine(MonthLine):
        """The same as it leaves: with the quartile, 1 to 4, of each of `LEVERS`."""

else:
    GivenLine = create_model(
        "GivenLine",
        __base__=MonthLine,
        **{f"{slug}_quartile": (int | None, ...) for slug in LEVERS},
    )


class MonthRevision(Row):
    """A computation of a month that was published; `hash` is that of section 12.1.

    `withdrawn` says why it was taken away since, where it was.
    """

    period: str
    revision: int
    state: State
    reason: Text
    methodology: str
    bareme_reference: str
    hash: str
    accounts: int
    ranked: int
    computed_at: Instant
    withdrawn: Text = None
    withdrawn_at: Instant | None = None


class Indicator(Row):
    """A KPI of a methodology, and the networks on which it is counted."""

    kpi: str
    label: str
    unit: str
    weight: int
    networks: list[str]
    inherited: bool
    explanation: str


class TerritoryMonth(Row):
    """A line of scores of an account of a territory, of any methodology, published or not.

    `territory` is the home of that time.
    """

    period: str
    methodology: str
    network: str
    account: str
    handle: str
    address: str
    origin: str
    territory: Text
    category: Text
    stratum: Text
    stratum_label: Text
    reason: Text
    score: Points | None
    low: Points | None
    high: Points | None
    rank: int | None
    ranked: int | None
    low_rank: int | None
    high_rank: int | None
    stratum_rank: int | None
    stratum_ranked: int | None
    stratum_low_rank: int | None
    stratum_high_rank: int | None
    followers: int | None
    posts: int | None
    gaps: int | None
    scope: Text


class VersionPart(Row):
    """A KPI of an account's score for a month, by one methodology: `points` of 100."""

    methodology: str
    kpi: str
    label: str
    unit: str
    value: float | None
    points: float | None
    weight: int


class MonthMedian(Row):
    """The median of a KPI among the scored accounts of a network and category, in a month."""

    network: str
    category: Text
    kpi: str
    median: float | None


class NetworkUse(Row):
    """What a network weighs in the score of a territory.

    `weight` is how many of a thousand internet users use it by `source` (14.2): 0 where none says.
    """

    methodology: str
    network: str
    weight: int
    source: Text
    year: int | None
    least_share: int


class TerritoryNetwork(Row):
    """A network that a territory holds in a month: its home account, what it weighs, its score."""

    network: str
    account: str
    handle: str
    address: str
    role: Text
    weight: int
    source: Text
    year: int | None
    least_share: int
    score: Points | None
    low: Points | None
    high: Points | None
    reason: Text


class TerritorySynthesis(Row):
    """The score of a territory over its networks in a month; null where too few of them have one.

    Of the networks `held`, some are `weighed`, and of these some `scored`; `share` is the percent
    of the weights that these are, `least_share` what it must reach.
    """

    held: int
    weighed: int
    scored: int
    share: int | None
    least_share: int
    score: Points | None
    low: Points | None
    high: Points | None


class AccountRole(Row):
    """What an account speaks for, where that is not the town hall: "service", "tourism"…"""

    account: str
    role: str


class NamedAccount(Row):
    """An account that bears a handle, and its home territory."""

    account: str
    network: str
    handle: str
    territory: str


class MonthCell(Row):
    """How many accounts are scored in a month, of how many territories."""

    network: str
    category: str
    stratum: Text
    accounts: int
    territories: int
