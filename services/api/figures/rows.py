"""The rows of the views, as the api reads them; field names are the views' column names.

Ratios are ratios (0.041), scores are points of 100, instants are UTC, days and months are
Europe/Paris. A null counter has its reason in `absent` where the view gives one.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, create_model

from contracts.kpis import KPIS
from contracts.posts import CONTEST


def _aware(value: object) -> object:
    """Take an instant that the engine gives without zone for what it is: UTC."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


Instant = Annotated[datetime, BeforeValidator(_aware)]
Points = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Text = Annotated[str | None, BeforeValidator(_none_if_empty)]
"""A text that may be missing: some views give it empty, some null."""

State = Literal["provisional", "final"]


class Row(BaseModel):
    """A row of a view: frozen, columns that we do not know are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Period(Row):
    """A month that has scores."""

    period: str
    state: State
    methodology: str
    computed_at: Instant
    accounts: int
    ranked: int
    revision: int


if TYPE_CHECKING:

    class KpiFigures(Row):
        """The value of each KPI, by its slug."""

    class KpiPoints(Row):
        """What each KPI is worth of 100, before it is weighed: `<slug>_points`."""

else:
    # A field a KPI, as the views give a column a KPI (contracts/clickhouse/figures.py).
    KpiFigures = create_model(
        "KpiFigures",
        __base__=Row,
        **{kpi.slug: ((int if kpi.whole else float) | None, ...) for kpi in KPIS},
    )
    KpiPoints = create_model(
        "KpiPoints", __base__=Row, **{f"{kpi.slug}_points": (float | None, ...) for kpi in KPIS}
    )


class RankedLine(Row):
    """Who a line of a ranking is about, and its score."""

    rank: int | None
    ranked: int | None
    low_rank: int | None
    high_rank: int | None
    account: str
    network: str
    handle: str
    address: str
    territory: str
    territory_name: str
    category: Text
    category_label: Text
    stratum: Text
    departement: Text
    region: Text
    population: int | None
    score: Points | None
    low: Points | None
    high: Points | None


class RankedAccount(KpiFigures, RankedLine):
    """A line of a ranking; `rank` is null where fewer than ten are ranked.

    `high_rank` and `low_rank` are the places that the interval allows (methodology, 10.4).
    """

    previous_rank: int | None
    previous_score: Points | None
    origin: str


class Listed(RankedAccount):
    """The same, with what is published of the month before; `low` and `high` are its interval."""

    previous_low: Points | None
    previous_high: Points | None
    previous_methodology: Text


class Peer(RankedAccount):
    """An account of the same network and stratum, near in rank.

    `best_place` and `worst_place` are what its interval allows there: in its stratum, else in its
    category.
    """

    stratum_rank: int | None
    stratum_ranked: int | None
    best_place: int | None
    worst_place: int | None


class AccountCounters(Row):
    """Counters of an account; `absent` says why one is null."""

    followers: int | None
    following: int | None
    posts: int | None
    likes: int | None
    views: int | None
    absent: dict[str, str]


class KnownAccount(AccountCounters):
    """An account of a territory and its last observation (nulls when never observed)."""

    account: str
    network: str
    handle: str
    native_id: Text
    address: str
    name: Text
    home: bool
    home_territory: Text
    role: Text
    state: str
    owner_kind: str
    registered_at: Instant
    observed_at: Instant | None

    @property
    def official(self) -> bool:
        """Whether it is shown as the territory's: verified, and nobody's own account."""
        return self.state == "verified" and self.owner_kind == "collectivité"


class Total(Row):
    """How many rows there are."""

    total: int


class TerritoryAccount(KnownAccount):
    """The same, and what its network last said where it is not there."""

    absence: Text = None
    absent_since: Instant | None = None
    absence_confirmed: bool = False


class AccountAbsence(Row):
    """What a network last said of an account that is not there, and since when."""

    account: str
    absence: str
    since: Instant
    confirmed: bool


class MonthScore(Row):
    """A month in the history of an account's score."""

    period: str
    score: Points | None
    low: Points | None
    high: Points | None
    rank: int | None
    ranked: int | None
    stratum_rank: int | None
    stratum_ranked: int | None
    reason: Text
    state: State
    methodology: str
    revision: int
    posts: int | None
    origin: str


class AccountScore(MonthScore):
    """Score and rank of an account for a month, or why it has none."""

    account: str
    network: str
    territory: Text
    low_rank: int | None
    high_rank: int | None
    category: Text
    stratum: Text
    stratum_label: Text
    stratum_low_rank: int | None
    stratum_high_rank: int | None
    previous_score: Points | None
    previous_low: Points | None
    previous_high: Points | None
    previous_methodology: Text
    previous_rank: int | None
    previous_stratum_rank: int | None
    gaps: int | None
    followers: int | None
    scope: Text
    computed_at: Instant


class TerritoryScore(AccountScore):
    """The same, with where the account is."""

    handle: str
    address: str


class KpiPart(Row):
    """A KPI of a score: `points` of 100, `contribution` and `lost` in points of the score."""

    kpi: str
    label: str
    unit: str
    value: float | None
    points: float | None
    weight: float
    contribution: float | None
    lost: float | None
    explanation: str


class KpiShare(KpiPart):
    """The same, with the median of those of the same network and category."""

    cell_median: float | None


class GivenShare(KpiShare):
    """The same as it leaves: the quartile of its points, 1 to 4, where it is told."""

    quartile: int | None


class AccountDay(Row):
    """A day of an account: last counters of the day, posts published on it."""

    day: date
    followers: int | None
    following: int | None
    posts: int | None


class Observation(AccountCounters):
    """Counters of an account at a moment."""

    event_id: str
    slot: Instant
    observed_at: Instant
    handle: str
    origin: str


class StoredObservation(Row):
    """An observation that is stored, by the id of its event."""

    event_id: str


class PostCounters(Row):
    """Counters of a post; `absent` says why one is null."""

    likes: int | None
    comments: int | None
    shares: int | None
    quotes: int | None
    views: int | None
    absent: dict[str, str]


class AccountPost(PostCounters):
    """A post with its latest reading; `text` is kept 30 days."""

    post: str
    address: Text
    published_at: Instant
    kind: str
    state: str
    interactions: int | None
    engagement: float | None
    read_at: Instant
    readings: int
    text: Text
    text_length: int
    hashtags: list[str]
    topics: list[str]
    origin: str

    @property
    def contest(self) -> bool:
        """Whether it is a game with something to win: reactions to it say little of the others."""
        return CONTEST in self.topics


class PostReadings(Row):
    """A post with all its readings: ages in seconds, interactions then; `text` is kept 30 days."""

    post: str
    address: Text
    published_at: Instant
    kind: str
    state: str
    ages: list[int]
    gathered: list[int | None]
    followers: int | None
    text: Text
    text_length: int
    hashtags: list[str]
    topics: list[str]
    fingerprint: str | None


class Reading(PostCounters):
    """One reading of a post."""

    event_id: str
    origin: str
    post: str
    account: str
    network: str
    native_id: str
    state: str
    kind: str
    published_at: Instant
    slot: Instant
    observed_at: Instant


class BaremeKnots(Row):
    """How the values of a KPI become points in a cell: knots in billionths, their worth.

    `reference` is the month that it was drawn from.
    """

    methodology: str
    reference: str
    origin: str
    network: str
    scope: str
    cell: str
    kpi: str
    accounts: int
    knots: list[int]
    worths: list[int]


class ListedTerritory(Row):
    """A territory as the engine knows it, with how many accounts it has."""

    code: str
    name: str
    kind: str
    category: Text
    stratum: Text
    population: int | None
    departement: Text
    region: Text
    epci: Text
    tourist: bool | None
    origin: str
    accounts: int


class Source(Row):
    """How the reading of a network goes."""

    network: str
    last_done: Instant | None
    last_failed: Instant | None
    last_cause: Text
    done_24h: int
    failed_24h: int
    unanswered: int
    failing_since: Instant | None
    accounts: int
    stale_accounts: int


class NetworkAbsences(Row):
    """How many accounts of a network are not there, by what it says of them."""

    network: str
    absence: str
    accounts: int
    confirmed: int


class Outcome(Row):
    """How a job about an account ended."""

    ended_at: Instant
    operation: str
    cause: str
    detail: Text
