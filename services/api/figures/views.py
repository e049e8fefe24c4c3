"""The views that the api reads: name, parameters (all always given, « Tous » is `''`), rows."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from services.api.figures import month_rows, rows

R_co = TypeVar("R_co", bound=rows.Row, covariant=True)


@dataclass(frozen=True, slots=True)
class View(Generic[R_co]):
    """A view; `fresh` ones are asked each time, the others may be a minute old.

    `monthly` ones change only when a month is computed anew. `where` keeps some of the rows.
    """

    name: str
    row: type[R_co]
    parameters: tuple[str, ...] = ()
    fresh: bool = False
    monthly: bool = False
    where: str = ""

    @property
    def sql(self) -> str:
        """Return the statement, its parameters bound by the server."""
        given = ", ".join(f"{name}={{{name}:String}}" for name in self.parameters)
        source = f"{self.name}({given})" if given else self.name
        return f"SELECT * FROM {source}" + (f" WHERE {self.where}" if self.where else "")  # noqa: S608


PERIODS = View("periods", rows.Period)
RANKING = View(
    "ranking",
    rows.RankedAccount,
    ("network", "category", "period", "departement", "region"),
    monthly=True,
)
MONTH_SCORES = View("month_scores", month_rows.MonthLine, ("network", "period"), fresh=True)
MONTH_REVISIONS = View("month_revisions", month_rows.MonthRevision)
INDICATORS = View("methodology_indicators", month_rows.Indicator, ("methodology",), monthly=True)
TERRITORY_ACCOUNTS = View("territory_accounts", rows.TerritoryAccount, ("territory",))
ACCOUNT_SCORE = View("account_score", rows.AccountScore, ("account", "period"), monthly=True)
ACCOUNT_SCORE_KPIS = View("account_score_kpis", rows.KpiShare, ("account", "period"), monthly=True)
ACCOUNT_SCORES = View("account_scores", rows.MonthScore, ("account",), monthly=True)
TERRITORY_SCORES = View(
    "territory_scores", rows.TerritoryScore, ("territory", "period"), monthly=True
)
ACCOUNT_DAYS = View("account_days", rows.AccountDay, ("account", "date_from", "date_to"))
ACCOUNT_OBSERVATIONS = View(
    "account_observations_between", rows.Observation, ("account", "date_from", "date_to")
)
ACCOUNT_POSTS = View("account_posts", rows.AccountPost, ("account", "date_from", "date_to"))
ACCOUNT_READINGS = View("account_readings", rows.Reading, ("account", "date_from", "date_to"))
BAREME_KNOTS = View("bareme_knots", rows.BaremeKnots, ("methodology",), monthly=True)
PEERS = View("peers", rows.Peer, ("account", "period"), monthly=True)
TERRITORIES_WITH_ACCOUNTS = View("territory_list", rows.ListedTerritory, where="accounts > 0")
WATCH_MATCHES = View(
    "watch_matches", rows.WatchMatch, ("watch", "date_from", "date_to"), fresh=True
)
WATCH_ALERTS = View("watch_alerts", rows.WatchAlert, ("watch", "date_from", "date_to"), fresh=True)
WATCH_HOURS = View("watch_hours", rows.WatchHour, ("watch", "date_from", "date_to"), fresh=True)
TEXTS_READ = View("texts_read", rows.TextsRead, ("since",))
TEXTS_BETWEEN = View("texts_between", rows.KeptText, ("date_from", "date_to"))
TEXTS_WITH = View("texts_with", rows.KeptText, ("date_from", "date_to", "words"), fresh=True)
SOURCES = View("sources", rows.Source, fresh=True)
STORED_OBSERVATIONS = View("stored_observations", rows.StoredObservation, ("since",), fresh=True)
ACCOUNT_OUTCOMES = View("account_outcomes", rows.Outcome, ("account",))

VIEWS: tuple[View[rows.Row], ...] = (
    PERIODS,
    RANKING,
    MONTH_SCORES,
    MONTH_REVISIONS,
    INDICATORS,
    TERRITORY_ACCOUNTS,
    ACCOUNT_SCORE,
    ACCOUNT_SCORE_KPIS,
    ACCOUNT_SCORES,
    TERRITORY_SCORES,
    ACCOUNT_DAYS,
    ACCOUNT_OBSERVATIONS,
    ACCOUNT_POSTS,
    ACCOUNT_READINGS,
    BAREME_KNOTS,
    PEERS,
    TERRITORIES_WITH_ACCOUNTS,
    WATCH_MATCHES,
    WATCH_ALERTS,
    WATCH_HOURS,
    TEXTS_READ,
    TEXTS_BETWEEN,
    TEXTS_WITH,
    SOURCES,
    ACCOUNT_OUTCOMES,
    STORED_OBSERVATIONS,
)
