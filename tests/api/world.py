"""A small made-up country: its places, accounts, scores, and what was observed of them.

Figures follow from the order of the communes, without chance, so that a test can say what it
expects. `engine_world.py` puts it into the real engine, whose answers are recorded
(`answers.py`).
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from contracts.territories import Kind, Nature, Territories, Territory
from tests.territories import invented

NOW = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
HIDDEN_SINCE = date(2026, 11, 8)
"""When the accounts began to hide whom they follow."""

METHODOLOGY = "2026-2"
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
    here = {"region": "001", "epci": "000000001"}
    named = [invented(code, name, population=count, **here) for code, name, count in NAMES]
    others = [
        invented(
            f"00{200 + place}", f"Essai-témoin-{place}", population=7_500 + 60 * place,
            **here | {"departement": "001" if place % 2 else "002"},
        )
        for place in range(40)
    ]  # fmt: skip
    size = {"nature": Nature.METROPOLE, "population": 412_000, "region": "001"}
    return [*named, *others, invented("000000001", "Clairmesure Métropole", Kind.EPCI, **size)]


def areas() -> list[Territory]:
    """The départements and the région of the invented communes; nothing is measured of them."""
    named = (
        ("001", "Esquisse-Maritime", Kind.DEPARTEMENT),
        ("002", "Haute-Esquisse", Kind.DEPARTEMENT),
        ("001R", "Grande-Esquisse", Kind.REGION),
    )
    return [invented(code, name, kind, departement=None) for code, name, kind in named]


def territories() -> Territories:
    """The real registry and the invented territories beside it."""
    real = Territories.load()
    return Territories([*real, *communes(), *areas()], real.manifests)


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
        "role": "main",
        "state": "verified",
        "owner_kind": "collectivité",
        "followers": followers,
        "following": None if followers is None else 40,
        "posts": None if followers is None else 500,
        "likes": None,
        "views": None,
        "absent": {"likes": "not_published", "views": "not_published"},
        "registered_at": NOW,
        "observed_at": None if followers is None else NOW - timedelta(hours=3),
    }


def month(period: str) -> list[dict[str, Any]]:
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
        if row["rank"]:
            row["low_rank"] = min(row["ranked"], row["rank"] + 9)
            row["high_rank"] = max(1, row["rank"] - 7)
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
        "engagement": round(0.041 - 0.00016 * place, 6),
        "reach": followers / (one.population or 1),
        "frequency": 0.7,
        "followers": followers,
        "follow_ratio": followers / 40,
        "rank": None,
        "ranked": None,
        "low_rank": None,
        "high_rank": None,
        "stratum_rank": None,
        "stratum_ranked": None,
        "stratum_low_rank": None,
        "stratum_high_rank": None,
        "reason": None,
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
    row |= {"score": None, "low": None, "high": None, "reason": reason}
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


def days(followers: int) -> list[dict[str, Any]]:
    """What is observed of an account of so many followers each day, oldest first."""
    first = date(2026, 8, 1)
    return [
        {
            "day": day,
            "followers": followers + day.toordinal() - NOW.toordinal(),
            "following": None if day >= HIDDEN_SINCE else 40,
            "posts": 1 if day.weekday() < 5 else 0,
        }
        for day in (first + timedelta(days=n) for n in range((NOW.date() - first).days))
    ]
