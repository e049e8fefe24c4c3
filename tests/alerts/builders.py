"""Watches and matches for the tests of alerts, complete but for what a test says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.alerts import AlertRaised
from contracts.erasures import Erased
from contracts.event import hashed_id
from contracts.jobs import JobEnded
from contracts.mentions import MentionMatched, MentionObserved, mention_id
from contracts.watches import Query, Recipient, Watched
from libs.deciding.stages import Item
from services.alerts.delivery.telling import Telling
from tests.events import event

NOW = datetime(2026, 11, 24, 7, 43, 12, 700_000, tzinfo=UTC)
PUBLISHED = NOW - timedelta(milliseconds=600)
LONG_AGO = NOW - timedelta(days=100)
POST = "https://bsky.app/profile/habitante.example/post/{}"
ASTREINTE = Recipient(address="mailto:astreinte@essai-sur-onde.example", confirmed=True)


def watched(**fields: Any) -> Watched:
    """Return a watch on water cuts, told by mail."""
    known = {
        "event_id": "w1-1", "watch": "w1", "revision": 1, "name": "Eau", "territory": "00101",
        "purpose": "continuité du service de l’eau", "recipients": (ASTREINTE,),
        "query": Query(any=("coupure d’eau", "inondation")),
        "created_at": LONG_AGO, "changed_at": LONG_AGO,
    }  # fmt: skip
    return event(Watched, **known | fields)


def match(number: int, **fields: Any) -> MentionMatched:
    """Return the match number so of the watch."""
    published_at = fields.get("published_at", PUBLISHED)
    known = {
        "event_id": f"m{number}", "watch": "w1", "watch_revision": 1, "subject": f"s{number}",
        "address": POST.format(number), "source": "did:plc:habitante",
        "published_at": published_at, "observed_at": published_at + timedelta(milliseconds=600),
        "matched_at": published_at + timedelta(milliseconds=700), "terms": ("coupure d'eau",),
        "excerpt": f"Encore une coupure d'eau au {number} rue Basse, à Essai-sur-Onde.",
    }  # fmt: skip
    return event(MentionMatched, **known | fields)


def mention(number: int | str, text: str, **fields: Any) -> MentionObserved:
    """Return a mention on Bluesky."""
    address = POST.format(number)
    published_at = fields.get("published_at", NOW)
    known = {
        "event_id": hashed_id(address, fields.get("state", "present")), "network": "bluesky",
        "mention": mention_id(address), "address": address, "source": "did:plc:habitante",
        "published_at": published_at, "observed_at": published_at + timedelta(milliseconds=600),
        "text": text,
    }  # fmt: skip
    return event(MentionObserved, **known | fields)


def raised(total: int, **fields: Any) -> AlertRaised:
    """Return the alert of a peak of so many matches; fields are those of its matches."""
    evidence = [
        Item.of(match(number, **{"published_at": PUBLISHED, **fields})).evidence
        for number in range(min(total, 20))
    ]
    return event(
        AlertRaised, event_id="a1", alert="a1", watch="w1", territory="00101", group="g1",
        title=f"Coupure d’eau · {total} en 20\u00a0min · Essai-sur-Onde",
        why=f"{total} messages en 20\u00a0min parlent de «\u00a0coupure d’eau\u00a0».",
        evidence=tuple(shown for shown in evidence if shown), total=total, usual=1,
        window_minutes=20, raised_at=NOW,
    )  # fmt: skip


def erased(kind: str, subject: str) -> Erased:
    """Return what erases an account, a mention or an author."""
    return event(Erased, event_id=subject, kind=kind, subject=subject, erased_at=NOW)


def ended(network: str = "bluesky", cause: str = "done", at: datetime = NOW) -> JobEnded:
    """Return how a job ended."""
    ids = hashed_id(network, cause, at.isoformat())
    return event(JobEnded, event_id=ids, network=network, cause=cause, slot=at, ended_at=at)


def telling(
    address: str, alert: AlertRaised | None = None, watch: Watched | None = None
) -> Telling:
    """Return an alert (of one match, unless one is given) as it is told to an address."""
    portal = "https://portail.example"
    return Telling.of(alert or raised(1), watch or watched(), address, portal, NOW)
