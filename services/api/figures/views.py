"""The views that the api reads: their name, and their rows."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from contracts.clickhouse import views
from contracts.kpis import KPIS
from services.api.figures import barometer_rows, month_rows, ops_rows, rows, watch_rows

R_co = TypeVar("R_co", bound=rows.Row, covariant=True)


@dataclass(frozen=True, slots=True)
class View(Generic[R_co]):
    """A view; `fresh` ones are asked each time, the others may be a minute old.

    `monthly` ones change only when a month is computed anew. `where` keeps some of the rows.
    """

    name: str
    row: type[R_co]
    fresh: bool = False
    monthly: bool = False
    where: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the parameters of its statement: all are always given, « Tous » is `''`."""
        return _parameters()[self.name]

    @property
    def sql(self) -> str:
        """Return the statement, its parameters bound by the server."""
        given = ", ".join(f"{name}={{{name}:String}}" for name in self.parameters)
        source = f"{self.name}({given})" if given else self.name
        # What a row has, not all that the view gives: planning costs more than reading (0020).
        columns = ", ".join(f"`{name}`" for name in self.row.model_fields)
        return f"SELECT {columns} FROM {source}" + (f" WHERE {self.where}" if self.where else "")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Total(View[rows.Total]):
    """How many rows a view has, asked and kept as the view itself is."""

    of: View[Any] | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the parameters of the view."""
        return self.of.parameters if self.of else ()

    @property
    def sql(self) -> str:
        """Return the statement, its parameters bound by the server."""
        return f"SELECT count() AS total FROM ({self.of.sql})" if self.of else ""  # noqa: S608


def total_of(view: View[Any]) -> Total:
    """Return what counts the rows of a view."""
    return Total(f"{view.name} (total)", rows.Total, view.fresh, view.monthly, of=view)


@cache
def _parameters() -> dict[str, tuple[str, ...]]:
    """Return what each view asks, by name: `{account:String}` in its own text or one it reads."""
    asked = re.compile(r"\{(\w+):\w+\}")
    return {view.name: tuple(dict.fromkeys(asked.findall(view.text))) for view in views()}


_KNOWN_KPIS = "kpi IN ({})".format(", ".join(f"'{kpi.slug}'" for kpi in KPIS))
"""A scorer of a newer version stores others, of which nothing can be said here."""

PERIODS = View("periods", rows.Period)
BAROMETER = View("barometer", barometer_rows.BarometerCell, monthly=True)
PROGRESSIONS = View("progressions", barometer_rows.Progression, monthly=True)
RANKING = View("ranking", rows.Listed, monthly=True)
MONTH_CELLS = View("month_cells", month_rows.MonthCell, monthly=True)
MONTH_SCORES = View("month_scores", month_rows.MonthLine, fresh=True)
MONTH_REVISIONS = View("month_revisions", month_rows.MonthRevision)
INDICATORS = View("methodology_indicators", month_rows.Indicator, monthly=True)
TERRITORY_ACCOUNTS = View("territory_accounts", rows.KnownAccount)
ACCOUNT_ABSENCES = View("account_absences", rows.AccountAbsence)
ACCOUNTS_NAMED = View("accounts_named", month_rows.NamedAccount)
ACCOUNT_ROLES = View("account_roles", month_rows.AccountRole)
ACCOUNT_SCORE = View("account_score", rows.AccountScore, monthly=True)
ACCOUNT_KPIS = View("account_kpis", rows.KpiPart, monthly=True, where=_KNOWN_KPIS)
ACCOUNT_SCORES = View("account_scores", rows.MonthScore, monthly=True)
TERRITORY_SCORES = View("territory_scores", month_rows.TerritoryMonth, monthly=True)
TERRITORY_MONTHS = View("territory_months", month_rows.TerritoryMonth, monthly=True)
ACCOUNT_VERSIONS = View("account_versions", month_rows.VersionPart, fresh=True, where=_KNOWN_KPIS)
MONTH_MEDIANS = View("month_medians", month_rows.MonthMedian, monthly=True)
NETWORK_USES = View("network_uses", month_rows.NetworkUse, monthly=True)
ACCOUNT_DAYS = View("account_days", rows.AccountDay)
ACCOUNT_OBSERVATIONS = View("account_observations_between", rows.Observation)
ACCOUNT_POSTS = View("account_posts", rows.AccountPost)
ACCOUNT_PERFORMANCE = View("account_performance", rows.PostReadings)
ACCOUNT_READINGS = View("account_readings", rows.Reading)
BAREME_KNOTS = View("bareme_knots", rows.BaremeKnots, monthly=True)
PEERS = View("peers", rows.Peer, monthly=True)
TERRITORIES_WITH_ACCOUNTS = View("territory_list", rows.ListedTerritory, where="accounts > 0")
WATCH_MATCHES = View("watch_matches", watch_rows.WatchMatch, fresh=True)
WATCH_ALERTS = View("watch_alerts", watch_rows.WatchAlert, fresh=True)
WATCH_HOURS = View("watch_hours", watch_rows.WatchHour, fresh=True)
WATCH_SILENCES = View("watch_silences_between", watch_rows.WatchSilence, fresh=True)
WATCH_ACTIVITY = View("watch_activity", watch_rows.WatchActivity, fresh=True)
TEXTS_READ = View("texts_read", watch_rows.TextsRead)
TEXTS_BETWEEN = View("texts_between", watch_rows.KeptText)
TEXTS_WITH = View("texts_with", watch_rows.KeptText, fresh=True)
SOURCES = View("sources", rows.Source, fresh=True)
STORED_OBSERVATIONS = View("stored_observations", rows.StoredObservation, fresh=True)
NETWORK_ABSENCES = View("network_absences", rows.NetworkAbsences, fresh=True)
ACCOUNT_OUTCOMES = View("account_outcomes", rows.Outcome)
QUOTA_USES = View("quota_uses", ops_rows.QuotaUse, fresh=True)
FAILING_FEEDS = View("failing_feeds", ops_rows.FailingFeed, fresh=True)
READING_AGES = View("reading_ages", ops_rows.ReadingAge, fresh=True)

VIEWS: dict[str, View[rows.Row]] = {
    view.name: view
    for view in tuple(globals().values())
    if isinstance(view, View)  # those above
}
