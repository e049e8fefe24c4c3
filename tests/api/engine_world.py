"""The small made-up country in the real engine: events as intake stores them, scores as computed.

The same figures as `world.py`, so that the same suite asks both.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from contracts.accounts import AccountObserved, AccountRegistered, Ownership
from contracts.alerts import AlertDecided, AlertDelivered
from contracts.event import hashed_id
from contracts.mentions import MentionMatched
from contracts.posts import PostObserved, TextObserved
from contracts.territories import Territories
from libs.engine.migrate import migrate
from services.scorer.sink import EngineSink
from tests.api.world import KPIS, NOW, PERIODS, MadeUpFigures, communes, every_account

WATCH = "veille-eau"
SPAN = (NOW - timedelta(days=30), NOW)


async def fill(url: str, database: str) -> None:
    """Create the database and put the small country into it."""
    await migrate(url, database, Territories(communes(), []))
    sink = EngineSink(url, database)
    figures = MadeUpFigures()
    try:
        await sink.insert("accounts", [_registered(row) for row in every_account()])
        observed = [_observed(row) for row in every_account() if row["followers"] is not None]
        await sink.insert("account_observations", observed)
        await sink.insert("account_observations", _daily(figures))
        await sink.insert("post_observations", [_post(row) for row in _posts(figures)])
        await sink.insert("post_texts", [_text(row) for row in _posts(figures)])
        await sink.insert("matches", [matched(place) for place in range(14)])
        await sink.insert("alerts_raised", [raised()])
        await sink.insert("alerts_delivered", [delivered()])
        for period in PERIODS:
            rows = figures.month(period)
            await sink.insert(
                "scores", [_score(row, place) for place, row in enumerate(by_rank(rows))]
            )
            await sink.insert("months", [_month(period, rows)])
        await sink.insert("methodology_kpis", _kpis())
    finally:
        await sink.close()


def by_rank(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The order of display of a month: by rank, the others after."""
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0))


def _registered(row: dict[str, Any]) -> bytes:
    return AccountRegistered(
        event_id=row["account"],
        origin="simulation",
        account=row["account"],
        revision=1,
        network=row["network"],
        handle=row["handle"],
        native_id=row["native_id"],
        address=row["address"],
        name=row["name"],
        owners=(Ownership(territory=row["home_territory"], home=True),),
        state="verified",
        registered_at=NOW,
        changed_at=NOW,
    ).encode()


def _observed(row: dict[str, Any]) -> bytes:
    return AccountObserved(
        event_id=hashed_id("last", row["account"]),
        origin="simulation",
        account=row["account"],
        network=row["network"],
        handle=row["handle"],
        slot=row["observed_at"],
        observed_at=row["observed_at"],
        followers=row["followers"],
        following=row["following"],
        posts=row["posts"],
        views=row["views"],
        absent=row["absent"],
    ).encode()


def _daily(figures: MadeUpFigures) -> list[bytes]:
    return [
        AccountObserved(
            event_id=row["event_id"],
            origin="simulation",
            account="00101-bluesky",
            network="bluesky",
            handle=row["handle"],
            slot=row["slot"],
            observed_at=row["observed_at"],
            followers=row["followers"],
            following=row["following"],
            posts=row["posts"],
            absent=row["absent"],
        ).encode()
        for row in figures.observations("00101-bluesky", *_days())
    ]


def _days() -> tuple[str, str]:
    return SPAN[0].date().isoformat(), (SPAN[1] - timedelta(days=1)).date().isoformat()


def _posts(figures: MadeUpFigures) -> list[dict[str, Any]]:
    return figures.posts("00101-bluesky", *_days())


def _post(row: dict[str, Any]) -> bytes:
    return PostObserved(
        event_id=hashed_id("reading", row["post"]),
        origin="simulation",
        post=row["post"],
        account="00101-bluesky",
        network="bluesky",
        native_id=row["post"],
        address=row["address"],
        kind=row["kind"],
        published_at=row["published_at"],
        slot=row["read_at"],
        observed_at=row["read_at"],
        likes=row["likes"],
        comments=row["comments"],
        shares=row["shares"],
        quotes=0,
        absent={"views": "not_published"},
        text_length=row["text_length"],
        hashtags=tuple(row["hashtags"]),
    ).encode()


def _text(row: dict[str, Any]) -> bytes:
    return TextObserved(
        event_id=hashed_id("text", row["post"]),
        origin="simulation",
        post=row["post"],
        account="00101-bluesky",
        network="bluesky",
        published_at=row["published_at"],
        observed_at=row["read_at"],
        text=row["text"],
    ).encode()


def matched(place: int) -> bytes:
    """One of the texts that matched the watch, a minute and a half apart."""
    moment = NOW - timedelta(minutes=90 - place)
    return MentionMatched(
        event_id=f"match-{place}",
        origin="simulation",
        watch=WATCH,
        watch_revision=1,
        subject=f"mention-{place}",
        subject_kind="mention",
        network="bluesky",
        address=f"https://bluesky.example/mention/{place}",
        source="bluesky",
        published_at=moment,
        observed_at=moment + timedelta(seconds=1),
        matched_at=moment + timedelta(seconds=2),
        terms=("coupure d’eau",),
        excerpt="Encore une coupure d’eau rue de l’Essai.",
    ).encode()


def raised() -> bytes:
    """The alert that the texts raised."""
    return AlertDecided(
        event_id="alert-1",
        origin="simulation",
        alert="alert-1",
        watch=WATCH,
        watch_revision=1,
        territory="00101",
        kind="peak",
        group="eau",
        title="Coupure d’eau · 14 en 20 min · Essai-sur-Onde",
        why="14 messages en 20 min parlent de « coupure d’eau » ; d’habitude 1.",
        total=14,
        usual=1,
        window_minutes=20,
        raised_at=NOW - timedelta(minutes=70),
    ).encode()


def delivered() -> bytes:
    """Its delivery."""
    return AlertDelivered(
        event_id="delivery-1",
        origin="simulation",
        alert="alert-1",
        watch=WATCH,
        channel="mailto",
        recipient="astreinte@essai-sur-onde.example",
        outcome="delivered",
        delivered_at=NOW - timedelta(minutes=69),
    ).encode()


def _score(row: dict[str, Any], place: int) -> bytes:
    """A line of scores as the month's computation stores it: hundredths, billionths, millionths."""
    scored = row["score"] is not None
    stored: dict[str, Any] = {
        name: row[name]
        for name in (
            "period", "methodology", "network", "category", "account", "territory",
            "territory_name", "population", "handle", "address", "origin", "rank", "ranked",
            "stratum_rank", "stratum_ranked", "stratum_low_rank", "stratum_high_rank",
            "previous_rank", "previous_stratum_rank", "posts", "gaps",
        )
    }  # fmt: skip
    stored |= {name: row[name] or "" for name in ("stratum", "departement", "region", "reason")}
    for name in ("score", "low", "high", "previous_score"):
        stored[name] = None if row[name] is None else int(row[name] * 100)
    stored["figures"] = {slug: round(row[slug] * 1e9) for slug, *_ in KPIS}
    stored["points"] = {slug: 50_000_000 for slug, *_ in KPIS if scored}
    stored |= {"place": place, "scope": "category", "following": 40, "measured": row["posts"]}
    stored |= {"hidden_posts": 0, "deleted_posts": 0}
    return json.dumps(stored).encode()


def _computed(period: str) -> datetime:
    """When a month was computed: all within minutes, the oldest last."""
    return NOW - timedelta(minutes=len(PERIODS) - PERIODS.index(period))


def _month(period: str, rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(
        {
            "period": period,
            "methodology": "2026-1",
            "revision": 0,
            "state": "provisional" if period == PERIODS[0] else "final",
            "published": True,
            "reason": "",
            "bareme_reference": "2026-08",
            "hash": "0" * 64,
            "accounts": len(rows),
            "ranked": sum(row["score"] is not None for row in rows),
            "computed_at": _computed(period).isoformat().replace("+00:00", "Z"),
        }
    ).encode()


def _kpis() -> list[bytes]:
    return [
        json.dumps(
            {
                "methodology": "2026-1",
                "kpi": slug,
                "position": place,
                "label": label,
                "unit": unit,
                "weight": weight,
                "networks": ["bluesky", "mastodon"],
                "inherited": weight in (4, 2, 1),
                "explanation": f"{label}.",
                "advice": "",
            }
        ).encode()
        for place, (slug, label, unit, weight) in enumerate(KPIS, 1)
    ]
