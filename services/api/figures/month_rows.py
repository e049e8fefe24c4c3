"""The rows of a month as open files give them: every account, every revision, every indicator."""

from services.api.figures.rows import Instant, KpiPoints, RankedAccount, Row, State, Text


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


class MonthRevision(Row):
    """A computation of a month that was published; `hash` is that of section 12.1."""

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


class Indicator(Row):
    """A KPI of a methodology, and the networks on which it is counted."""

    kpi: str
    label: str
    unit: str
    weight: int
    networks: list[str]
    inherited: bool
    explanation: str
