"""A small made-up country and its figures, in memory: what the engine's views would answer.

Figures follow from the order of the communes, without chance, so that a test can say what it
expects. The real engine answers the same suite (`test_figures.py`).
"""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from contracts.territories import Kind, Nature, Territories, Territory
from libs.matching.words import line
from services.api.figures.queries import require_parameters
from services.api.figures.rows import Row
from services.api.figures.views import View

R = TypeVar("R", bound=Row)

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
HIDDEN_SINCE = date(2026, 11, 8)
"""When the accounts began to hide whom they follow."""

BLOCK = 7
METHODOLOGY = "2026-1"
PERIODS = ("2026-10", "2026-09", "2026-08")
NAMES = (
    ("00101", "Essai-sur-Onde", 8_214),
    ("00102", "Port-Mirage", 3_400),
    ("00103", "Saint-Témoin", 640),
    ("00104", "Villemaquette", 43_000),
    ("00105", "Brouillon-le-Grand", 9_120),
    ("00106", "Silence-en-Plaine", 7_900),
)
KPIS = (
    ("engagement", "Taux d’engagement", "ratio", 5),
    ("reach", "Portée", "ratio", 4),
    ("frequency", "Publications par jour", "per_day", 3),
    ("followers", "Abonnés", "count", 2),
    ("follow_ratio", "Ratio abonnés / abonnements", "count", 1),
)


def communes() -> list[Territory]:
    """The invented communes: six with a name of their own, forty of Essai-sur-Onde's size."""
    named = [
        Territory(
            code=code,
            nom=name,
            kind=Kind.COMMUNE,
            year=2026,
            origin="simulation",
            population=population,
            departement="001",
            region="001",
            epci="000000001",
        )
        for code, name, population in NAMES
    ]
    others = [
        Territory(
            code=f"00{200 + place}",
            nom=f"Essai-témoin-{place}",
            kind=Kind.COMMUNE,
            year=2026,
            origin="simulation",
            population=7_500 + 60 * place,
            departement="001" if place % 2 else "002",
            region="001",
            epci="000000001",
        )
        for place in range(40)
    ]
    metropole = Territory(
        code="000000001",
        nom="Clairmesure Métropole",
        kind=Kind.EPCI,
        nature=Nature.METROPOLE,
        year=2026,
        origin="simulation",
        population=412_000,
        departement="001",
        region="001",
    )
    return [*named, *others, metropole]


def areas() -> list[Territory]:
    """The départements and the région of the invented communes; nothing is measured of them."""
    named = (
        ("001", "Esquisse-Maritime", Kind.DEPARTEMENT),
        ("002", "Haute-Esquisse", Kind.DEPARTEMENT),
        ("001R", "Grande-Esquisse", Kind.REGION),
    )
    return [
        Territory(code=code, nom=name, kind=kind, year=2026, origin="simulation")
        for code, name, kind in named
    ]


def territories() -> Territories:
    """The real registry and the invented territories beside it."""
    real = Territories.load()
    return Territories([*real, *communes(), *areas()], real.manifests)


class MadeUpFigures:
    """Figures of the small country, filtered and ordered as the views do it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failure: Exception | None = None
        self._scores = {period: _month(period) for period in PERIODS}
        self.watches: dict[str, list[dict[str, Any]]] = {}
        self.alerts: dict[str, list[dict[str, Any]]] = {}
        self.texts: list[dict[str, Any]] = []
        self.stored: list[tuple[str, datetime]] = []

    async def read(self, view: View[R], limit: int | None = None, **parameters: str) -> list[R]:
        """Answer a view from memory."""
        require_parameters(view, parameters)
        self.asked.append(view.name)
        if self.failure:
            raise self.failure
        answer: Callable[..., list[dict[str, Any]]] = getattr(self, f"_{view.name}")
        return [view.row.model_validate(row) for row in answer(**parameters)[:limit]]

    async def blocks(self, view: View[R], **parameters: str) -> AsyncGenerator[list[R]]:
        """Answer a view from memory, a few rows at a time."""
        rows = await self.read(view, None, **parameters)
        for start in range(0, len(rows), BLOCK):
            yield rows[start : start + BLOCK]

    def month(self, period: str) -> list[dict[str, Any]]:
        """Return the scores of a month."""
        return self._scores[period]

    def observations(self, account: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        """Return the observations of an account between two days."""
        return self._account_observations_between(account, date_from, date_to)

    def posts(self, account: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        """Return the posts of an account between two days."""
        return self._account_posts(account, date_from, date_to)

    def _periods(self) -> list[dict[str, Any]]:
        return [
            {
                "period": period,
                "state": "provisional" if period == PERIODS[0] else "final",
                "methodology": METHODOLOGY,
                "computed_at": NOW,
                "accounts": len(rows),
                "ranked": sum(row["score"] is not None for row in rows),
            }
            for period, rows in self._scores.items()
        ]

    def _ranking(
        self, network: str, category: str, period: str, departement: str, region: str
    ) -> list[dict[str, Any]]:
        rows = [
            row
            for row in self._scores.get(period, [])
            if row["score"] is not None
            and network in ("", row["network"])
            and category in ("", row["category"])
            and departement in ("", row["departement"])
            and region in ("", row["region"])
        ]
        return sorted(
            rows,
            key=lambda row: (
                row["rank"] is None,
                (row["rank"] or 0) if category else -row["score"],
                row["territory_name"],
                row["address"],
            ),
        )

    def _month_scores(self, network: str, period: str) -> list[dict[str, Any]]:
        rows = [row for row in self._scores.get(period, []) if network in ("", row["network"])]
        return sorted(
            rows,
            key=lambda row: (
                row["network"],
                row["category"],
                row["rank"] is None,
                row["rank"] or 0,
                row["account"],
            ),
        )

    def _month_revisions(self) -> list[dict[str, Any]]:
        return [
            {**row, "revision": 1, "reason": None, "bareme_reference": "2026-08", "hash": "0" * 64}
            for row in self._periods()
        ]

    def _methodology_indicators(self, methodology: str) -> list[dict[str, Any]]:
        return [
            {
                "kpi": slug,
                "label": label,
                "unit": unit,
                "weight": weight,
                "networks": ["bluesky", "mastodon"],
                "inherited": weight in (4, 2, 1),
                "explanation": f"{label}.",
            }
            for slug, label, unit, weight in KPIS
            if methodology == METHODOLOGY
        ]

    def _territory_accounts(self, territory: str) -> list[dict[str, Any]]:
        return [row for row in every_account() if row["home_territory"] == territory]

    def _account_score(self, account: str, period: str) -> list[dict[str, Any]]:
        return [row for row in self._scores.get(period, []) if row["account"] == account]

    def _territory_scores(self, territory: str, period: str) -> list[dict[str, Any]]:
        return [row for row in self._scores.get(period, []) if row["territory"] == territory]

    def _account_score_kpis(self, account: str, period: str) -> list[dict[str, Any]]:
        scored = [row for row in self._account_score(account, period) if row["score"] is not None]
        return [_share(row, *kpi) for row in scored for kpi in KPIS]

    def _account_scores(self, account: str) -> list[dict[str, Any]]:
        return [row for period in reversed(PERIODS) for row in self._account_score(account, period)]

    def _account_days(self, account: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        known = [row for row in every_account() if row["account"] == account and row["followers"]]
        first, last = date.fromisoformat(date_from), date.fromisoformat(date_to)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [
            {
                "day": day,
                "followers": row["followers"] + day.toordinal() - NOW.toordinal(),
                "following": 40,
                "posts": 1 if day.weekday() < 5 else 0,
            }
            for row in known
            for day in days
        ]

    def _account_observations_between(
        self, account: str, date_from: str, date_to: str
    ) -> list[dict[str, Any]]:
        days = reversed(self._account_days(account, date_from, date_to))
        return [
            {
                "event_id": f"{account}-{row['day']}",
                "slot": datetime(row["day"].year, row["day"].month, row["day"].day, 6, tzinfo=UTC),
                "observed_at": datetime(
                    row["day"].year, row["day"].month, row["day"].day, 6, 1, tzinfo=UTC
                ),
                "handle": f"{account}.example",
                "followers": row["followers"],
                "following": None if row["day"] >= HIDDEN_SINCE else 40,
                "posts": row["posts"],
                "likes": None,
                "views": None,
                "absent": {"likes": "not_published"}
                | ({"following": "hidden"} if row["day"] >= HIDDEN_SINCE else {}),
                "origin": "simulation",
            }
            for row in days
        ]

    def _account_posts(self, account: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        days = list(reversed(self._account_days(account, date_from, date_to)))
        return [_post(account, place, row) for place, row in enumerate(days) if row["posts"]]

    def _account_readings(self, account: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        return [_reading(account, row) for row in self._account_posts(account, date_from, date_to)]

    def _bareme_knots(self, methodology: str) -> list[dict[str, Any]]:
        knots = {
            "engagement": 5 * 10**7,
            "reach": 2 * 10**8,
            "frequency": 10**9,
            "followers": 2_000 * 10**9,
            "follow_ratio": 40 * 10**9,
        }
        return [
            {
                "methodology": methodology,
                "reference": "2026-08",
                "origin": "simulation",
                "network": network,
                "scope": "category",
                "cell": "petites-villes",
                "kpi": kpi,
                "accounts": 60,
                "knots": [0, full],
                "worths": [0, 100],
            }
            for network in ("bluesky", "mastodon")
            for kpi, full in knots.items()
            if methodology == METHODOLOGY
        ]

    def _peers(self, account: str, period: str) -> list[dict[str, Any]]:
        for own in self._account_score(account, period):
            near = [
                row
                for row in self._scores[period]
                if row["network"] == own["network"]
                and row["stratum"] == own["stratum"]
                and row["stratum_rank"] is not None
                and own["stratum_rank"] is not None
                and abs(row["stratum_rank"] - own["stratum_rank"]) <= 5
            ]
            return sorted(near, key=lambda row: row["stratum_rank"])
        return []

    def _territory_list(self) -> list[dict[str, Any]]:
        counted = [row["home_territory"] for row in every_account()]
        return [
            {
                "code": one.code,
                "name": one.nom,
                "kind": one.kind.value,
                "category": one.category.value,
                "stratum": one.stratum,
                "population": one.population,
                "departement": one.departement,
                "region": one.region,
                "epci": one.epci,
                "tourist": one.nom == "Port-Mirage",
                "origin": one.origin,
                "accounts": counted.count(one.code),
            }
            for one in communes()
            if one.code in counted
        ]

    def _watch_matches(self, watch: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        return self.watches.get(watch, [])

    def _watch_alerts(self, watch: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        return self.alerts.get(watch, [])

    def _watch_hours(self, watch: str, date_from: str, date_to: str) -> list[dict[str, Any]]:
        hours: dict[datetime, int] = {}
        for row in self.watches.get(watch, []):
            hour = row["published_at"].replace(minute=0, second=0, microsecond=0)
            hours[hour] = hours.get(hour, 0) + 1
        return [{"hour": hour, "matches": count} for hour, count in sorted(hours.items())]

    def _texts_read(self, since: str) -> list[dict[str, Any]]:
        read: dict[str, list[datetime]] = {}
        for row in self.texts:
            if row["published_at"] >= datetime.fromisoformat(since):
                read.setdefault(row["network"], []).append(row["published_at"])
        return [
            {
                "network": network,
                "texts": len(moments),
                "first_read_at": min(moments),
                "last_read_at": max(moments),
            }
            for network, moments in sorted(read.items())
        ]

    def _texts_with(self, date_from: str, date_to: str, words: str) -> list[dict[str, Any]]:
        return [
            row
            for row in self._texts_between(date_from, date_to)
            if not words or any(word in line(row["text"]).decode() for word in words.split())
        ]

    def _texts_between(self, date_from: str, date_to: str) -> list[dict[str, Any]]:
        rows = [
            row
            for row in self.texts
            if date_from <= row["published_at"].date().isoformat() <= date_to
        ]
        return sorted(rows, key=lambda row: row["published_at"], reverse=True)

    def _sources(self) -> list[dict[str, Any]]:
        return [
            {
                "network": "bluesky",
                "last_done": NOW - timedelta(seconds=40),
                "last_failed": None,
                "last_cause": None,
                "done_24h": 1_204,
                "failed_24h": 0,
                "accounts": 44,
                "stale_accounts": 0,
            },
            {
                "network": "mastodon",
                "last_done": NOW - timedelta(hours=9),
                "last_failed": NOW - timedelta(minutes=4),
                "last_cause": "unreachable",
                "done_24h": 310,
                "failed_24h": 96,
                "accounts": 20,
                "stale_accounts": 20,
            },
        ]

    def _stored_observations(self, since: str) -> list[dict[str, Any]]:
        after = datetime.fromisoformat(since)
        return [{"event_id": name} for name, moment in self.stored if moment >= after]

    def _account_outcomes(self, account: str) -> list[dict[str, Any]]:
        return [
            {"ended_at": NOW, "operation": "profile", "cause": "done", "detail": None}
            for row in every_account()
            if row["account"] == account
        ]


def every_account() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for place, one in enumerate(communes()):
        rows.append(_account(one, "bluesky", 900 + 31 * place))
        if place % 2 == 0:
            rows.append(_account(one, "mastodon", 200 + 7 * place))
    essai = communes()[0]
    facebook = _account(essai, "facebook", None)
    facebook["absent"] = dict.fromkeys(("followers", "likes", "posts"), "not_permitted")
    youtube = _account(essai, "youtube", 310)
    youtube["views"] = 48_200
    return [*rows, facebook, youtube]


def _account(one: Territory, network: str, followers: int | None) -> dict[str, Any]:
    slug = one.nom.lower().replace("é", "e").replace(" ", "-")
    return {
        "account": f"{one.code}-{network}",
        "network": network,
        "handle": f"{slug}.example",
        "native_id": f"id-{one.code}-{network}",
        "address": f"https://{network}.example/{slug}",
        "name": f"Ville de {one.nom}",
        "home": 1,
        "home_territory": one.code,
        "state": "verified",
        "owner_kind": "collectivité",
        "followers": followers,
        "following": None if followers is None else 40,
        "posts": None if followers is None else 500,
        "likes": None,
        "views": None,
        "absent": {"likes": "not_published", "views": "not_published"},
        "observed_at": None if followers is None else NOW - timedelta(hours=3),
    }


def _month(period: str) -> list[dict[str, Any]]:
    """Scores of a month: spread evenly, moving a little from one month to the next."""
    rows = [
        _scored(one, network, place, period)
        for network in ("bluesky", "mastodon")
        for place, one in enumerate(communes())
        if network == "bluesky" or place % 2 == 0
    ]
    essai = communes()[0]
    rows.append(_unranked(_scored(essai, "facebook", 0, period), "not_observed"))
    rows.append(_unranked(_scored(essai, "youtube", 0, period), "unscored_network"))
    for row in rows:
        if row["territory_name"] == "Saint-Témoin":
            _unranked(row, "few_posts")
        if row["territory_name"] == "Silence-en-Plaine":
            _unranked(row, "posts_gap")
    _rank(rows, "category", "rank", "ranked")
    _rank(rows, "stratum", "stratum_rank", "stratum_ranked")
    for row in rows:
        if row["stratum_rank"]:
            row["stratum_low_rank"] = min(row["stratum_ranked"], row["stratum_rank"] + 8)
            row["stratum_high_rank"] = max(1, row["stratum_rank"] - 6)
            row["previous_stratum_rank"] = min(row["stratum_ranked"], row["stratum_rank"] + 2)
    return rows


def _scored(one: Territory, network: str, place: int, period: str) -> dict[str, Any]:
    base = 30 + (place * 37) % 60 + (int(period[-2:]) % 3)
    followers = 900 + 31 * place if network == "bluesky" else 200 + 7 * place
    account = _account(one, network, followers)
    return {
        "account": account["account"],
        "network": network,
        "handle": account["handle"],
        "address": account["address"],
        "territory": one.code,
        "territory_name": one.nom,
        "category": one.category.value,
        "category_label": one.category.label,
        "stratum": one.stratum,
        "stratum_label": "communes de 7 500 à 9 999 habitants" if one.stratum else None,
        "departement": one.departement,
        "region": one.region,
        "population": one.population,
        "period": period,
        "state": "provisional" if period == PERIODS[0] else "final",
        "methodology": METHODOLOGY,
        "revision": 0,
        "score": Decimal(base) + Decimal("0.40"),
        "low": Decimal(base) - 4,
        "high": Decimal(base) + 5,
        "engagement": 0.041,
        "reach": followers / (one.population or 1),
        "frequency": 0.7,
        "followers": followers,
        "follow_ratio": followers / 40,
        "rank": None,
        "ranked": None,
        "stratum_rank": None,
        "stratum_ranked": None,
        "stratum_low_rank": None,
        "stratum_high_rank": None,
        "reason": None,
        "previous_score": Decimal(base) - Decimal("1.10"),
        "previous_rank": None,
        "previous_stratum_rank": None,
        "following": 40,
        **{f"{slug}_points": 50.0 for slug, *_ in KPIS},
        "posts": 22,
        "measured": 22,
        "hidden_posts": 0,
        "deleted_posts": 0,
        "gaps": 0,
        "scope": "category",
        "computed_at": NOW,
        "origin": "simulation",
    }


def _unranked(row: dict[str, Any], reason: str) -> dict[str, Any]:
    row |= {"score": None, "low": None, "high": None, "previous_score": None, "reason": reason}
    row |= {"posts": 2 if reason == "few_posts" else None, "gaps": 6}
    row |= {f"{slug}_points": None for slug, *_ in KPIS}
    return row


def _rank(rows: list[dict[str, Any]], cell: str, rank: str, ranked: str) -> None:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["score"] is not None and row[cell] is not None:
            groups.setdefault((row["network"], row[cell]), []).append(row)
    for group in groups.values():
        if len(group) < 10:
            continue
        for row in group:
            row[rank] = 1 + sum(other["score"] > row["score"] for other in group)
            row[ranked] = len(group)


def _share(row: dict[str, Any], slug: str, label: str, unit: str, weight: int) -> dict[str, Any]:
    points = min(100.0, float(row["score"]) + {5: 18, 4: -6, 3: -22, 2: 4, 1: -8}[weight])
    return {
        "kpi": slug,
        "label": label,
        "unit": unit,
        "value": float(row[slug]),
        "points": points,
        "weight": weight,
        "contribution": points * weight / 15,
        "lost": (100 - points) * weight / 15,
        "cell_median": float(row[slug]) * 0.9,
        "explanation": f"{label} : {points:.0f} points sur 100.",
    }


def _post(account: str, place: int, row: dict[str, Any]) -> dict[str, Any]:
    likes = 12 + (place * 29) % 90
    day: date = row["day"]
    return {
        "post": f"{account}-{day}",
        "address": f"https://bluesky.example/{account}/{day}",
        "published_at": datetime(day.year, day.month, day.day, 10, 5, tzinfo=UTC),
        "kind": ("photo", "text", "video")[place % 3],
        "state": "present",
        "likes": likes,
        "comments": 4,
        "shares": 3,
        "quotes": None,
        "views": None,
        "interactions": likes + 7,
        "engagement": (likes + 7) / row["followers"],
        "read_at": NOW,
        "readings": 4,
        "absent": {"quotes": "not_asked", "views": "not_published"},
        "text": f"Marché de Noël : {40 + place} exposants place de l’Essai, samedi dès 10 h.",
        "text_length": 74,
        "hashtags": ["essai"],
        "origin": "simulation",
    }


def _reading(account: str, row: dict[str, Any]) -> dict[str, Any]:
    """The reading of a post at seven days."""
    return {
        "event_id": f"reading-{row['post']}",
        "origin": "simulation",
        "post": row["post"],
        "account": account,
        "network": account.rsplit("-", 1)[1],
        "native_id": row["post"],
        "state": "present",
        "kind": row["kind"],
        "published_at": row["published_at"],
        "slot": row["published_at"] + timedelta(days=7),
        "observed_at": row["published_at"] + timedelta(days=7),
        "likes": row["likes"],
        "comments": row["comments"],
        "shares": row["shares"],
        "quotes": 0,
        "views": None,
        "absent": {"views": "not_published"},
    }
