"""The small made-up country in the real engine: events as stored, scores as computed."""

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from contracts.accounts import Ownership
from contracts.alerts import AlertDecided, AlertDelivered
from contracts.event import hashed_id
from contracts.jobs import JobEnded
from contracts.mentions import MentionMatched
from contracts.posts import PostObserved, TextObserved
from contracts.territories import Territories
from contracts.topics import COLLECT_OUTCOMES
from services.scorer.intake.rows import STORED
from services.scorer.intake.sink import EngineSink
from tests.api.world import KPIS, METHODOLOGY, NOW, PERIODS, communes, days, every_account, month
from tests.events import account_observed, account_registered, event
from tests.tables import create_tables

WATCH = "veille-eau"
FOLLOWED = ("00101-bluesky", "00101-mastodon", "00101-youtube", "00103-bluesky", "00104-bluesky")
"""The accounts of which days and posts are known."""


async def fill(url: str, database: str) -> None:
    """Create the database and put the small country into it."""
    await create_tables(url, database, Territories(communes(), []))
    sink = EngineSink(url, database)
    try:
        await sink.insert("accounts", [_registered(row) for row in every_account()])
        observed = [_observed(row) for row in every_account() if row["followers"] is not None]
        await sink.insert("account_observations", observed)
        for row in every_account():
            if row["account"] in FOLLOWED:
                await _follow(sink, row)
        outcomes = next(each for each in STORED if each.topic is COLLECT_OUTCOMES)
        await sink.insert("collect_outcomes", outcomes.rows(_outcomes()))
        await sink.insert("matches", [matched(place) for place in range(14)])
        await sink.insert("alerts_raised", [raised()])
        await sink.insert("alerts_delivered", [delivered()])
        for period in PERIODS:
            rows = month(period)
            await sink.insert(
                "scores", [_score(row, place) for place, row in enumerate(by_rank(rows))]
            )
            await sink.insert("months", [_month(period, rows)])
        await sink.insert("methodology_kpis", _kpis())
        await sink.insert("methodology_networks", _uses())
        await sink.insert("bareme", _knots())
    finally:
        await sink.close()


def by_rank(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The order of display of a month: by rank, the others after."""
    return sorted(rows, key=lambda row: (row["rank"] is None, row["rank"] or 0))


def _registered(row: dict[str, Any]) -> bytes:
    names = ("network", "handle", "native_id", "address", "name")
    owners = (Ownership(territory=row["home_territory"], home=True),)
    known = {name: row[name] for name in names}
    account = row["account"]
    return account_registered(account, NOW, event_id=account, owners=owners, **known).encode()


def _observed(row: dict[str, Any]) -> bytes:
    names = ("network", "handle", "observed_at", "followers", "following", "posts", "views")
    known = {name: row[name] for name in (*names, "absent")}
    event_id = hashed_id("last", row["account"])
    return account_observed(row["account"], row["observed_at"], event_id=event_id, **known).encode()


async def _follow(sink: EngineSink, account: dict[str, Any]) -> None:
    """Put in what each day has of an account, and the post of each working day, read twice."""
    observed, posts, texts = list[bytes](), list[bytes](), list[bytes]()
    for place, row in enumerate(reversed(days(account["followers"]))):
        observed.append(_daily(account, row))
        if row["posts"]:
            posts += _readings(account, place, row["day"])
            texts.append(_text(account, place, row["day"]))
    await sink.insert("account_observations", observed)
    await sink.insert("post_observations", posts)
    await sink.insert("post_texts", texts)


def _daily(account: dict[str, Any], row: dict[str, Any]) -> bytes:
    slot = datetime.combine(row["day"], time(6), UTC)
    absent = {"likes": "not_published", "views": "not_published"}
    known = {name: row[name] for name in ("followers", "following", "posts")}
    return account_observed(
        account["account"], slot, event_id=f"{account['account']}-{row['day']}",
        network=account["network"], handle=account["handle"],
        observed_at=slot + timedelta(minutes=1), **known,
        absent=absent | ({"following": "hidden"} if row["following"] is None else {}),
    ).encode()  # fmt: skip


def _readings(account: dict[str, Any], place: int, day: date) -> list[bytes]:
    """The readings of a post: at seven days, and now when it is younger."""
    published = datetime.combine(day, time(10, 5), UTC)
    slot = min(published + timedelta(days=7), NOW)
    post = f"{account['account']}-{day}"
    reading = event(
        PostObserved, event_id=hashed_id("reading", post), post=post, account=account["account"],
        network=account["network"], native_id=post, kind=("photo", "text", "video")[place % 3],
        address=f"https://{account['network']}.example/{account['account']}/{day}",
        published_at=published, slot=slot, observed_at=slot, likes=12 + (place * 29) % 90,
        comments=4, shares=3, quotes=0, views=None, absent={"views": "not_published"},
        text_length=74, hashtags=("essai",), topics=("contest",) if place % 9 == 4 else ("events",),
    )  # fmt: skip
    return [reading.encode()]


def _text(account: dict[str, Any], place: int, day: date) -> bytes:
    post = f"{account['account']}-{day}"
    text = f"Marché de Noël : {40 + place} exposants place de l’Essai, samedi dès 10 h."
    return event(
        TextObserved, event_id=hashed_id("text", post), post=post, account=account["account"],
        network=account["network"], published_at=datetime.combine(day, time(10, 5), UTC),
        observed_at=NOW, text=text,
    ).encode()  # fmt: skip


def _outcomes() -> list[bytes]:
    """Bluesky is well, Mastodon is not reached any more."""
    ends = (
        ("bluesky", "all", "done", NOW - timedelta(seconds=40)),
        ("mastodon", "essai.example", "done", NOW - timedelta(hours=9)),
        ("mastodon", "essai.example", "unavailable", NOW - timedelta(minutes=6)),
    )
    return [
        event(
            JobEnded, event_id=hashed_id("outcome", row["account"], cause), network=network,
            job=f"{row['account']}-{cause}", bucket=f"{network}:{payer}", cause=cause,
            subject=row["account"], subjects=(row["account"],), slot=ended, observed=1,
            ended_at=ended,
        ).encode()
        for network, payer, cause, ended in ends
        for row in every_account()
        if row["network"] == network
    ]  # fmt: skip


def _knots() -> list[bytes]:
    full = (5 * 10**7, 2 * 10**8, 10**9, 2_000 * 10**9, 40 * 10**9)
    return [
        json.dumps(
            {
                "methodology": METHODOLOGY, "reference": "2026-08", "origin": "simulation",
                "network": network, "scope": "category", "cell": "petites-villes", "kpi": kpi,
                "accounts": 60, "knots": [0, most], "worths": [0, 100],
                "computed_at": NOW.isoformat(),
            }
        ).encode()
        for network in ("bluesky", "mastodon")
        for (kpi, *_), most in zip(KPIS, full, strict=True)
    ]  # fmt: skip


def matched(place: int) -> bytes:
    """One of the texts that matched the watch, a minute and a half apart."""
    moment = NOW - timedelta(minutes=90 - place)
    return event(
        MentionMatched, event_id=f"match-{place}", watch=WATCH, watch_revision=1,
        subject=f"mention-{place}", address=f"https://bluesky.example/mention/{place}",
        source="bluesky", published_at=moment, observed_at=moment + timedelta(seconds=1),
        matched_at=moment + timedelta(seconds=2), terms=("coupure d’eau",),
        excerpt="Encore une coupure d’eau rue de l’Essai.",
    ).encode()  # fmt: skip


def raised() -> bytes:
    """The alert that the texts raised."""
    return event(
        AlertDecided, alert="alert-1", watch=WATCH, watch_revision=1, territory="00101",
        group="eau", title="Coupure d’eau · 14 en 20 min · Essai-sur-Onde", kind="peak",
        why="14 messages en 20 min parlent de « coupure d’eau » ; d’habitude 1.", total=14,
        usual=1, window_minutes=20, raised_at=NOW - timedelta(minutes=70),
    ).encode()  # fmt: skip


def delivered() -> bytes:
    """Its delivery."""
    return event(
        AlertDelivered, event_id="delivery-1", alert="alert-1", watch=WATCH, channel="mailto",
        recipient="astreinte@essai-sur-onde.example", outcome="delivered",
        delivered_at=NOW - timedelta(minutes=69),
    ).encode()  # fmt: skip


def _score(row: dict[str, Any], place: int) -> bytes:
    """A line of scores as the month's computation stores it: hundredths, billionths, millionths."""
    scored = row["score"] is not None
    stored: dict[str, Any] = {
        name: row[name]
        for name in (
            "period", "methodology", "network", "category", "account", "territory",
            "territory_name", "population", "handle", "address", "origin", "rank", "ranked",
            "stratum_rank", "stratum_ranked", "stratum_low_rank", "stratum_high_rank",
            "low_rank", "high_rank", "posts", "gaps",
        )
    }  # fmt: skip
    stored |= {name: row[name] or "" for name in ("stratum", "departement", "region", "reason")}
    for name in ("score", "low", "high"):
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
            "methodology": METHODOLOGY,
            "revision": 1,
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
                "methodology": METHODOLOGY, "kpi": slug, "position": place, "label": label,
                "unit": unit, "weight": weight, "networks": ["bluesky", "mastodon"],
                "inherited": weight in (4, 2, 1), "explanation": f"{label}.", "advice": "",
            }
        ).encode()
        for place, (slug, label, unit, weight) in enumerate(KPIS, 1)
    ]  # fmt: skip


def _uses() -> list[bytes]:
    """What networks weigh: two that are scored, one that has no source, none whose terms forbid."""
    source = "Une enquête d’essai"
    weighed = (("facebook", 300, source), ("bluesky", 500, source), ("mastodon", 0, ""))
    return [
        json.dumps(
            {
                "methodology": METHODOLOGY, "network": network, "weight": weight, "source": said,
                "year": 2026 if said else None, "least_share": 60,
            }
        ).encode()
        for network, weight, said in weighed
    ]  # fmt: skip
