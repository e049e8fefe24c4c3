"""What happens to the accounts of a territory: when it is a fact, and told once to whom asked."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from contracts.watches import Query
from libs.clock import SteppedClock
from services.api.figures.rows import AccountDay, AccountPost, TerritoryAccount
from services.api.store import Mail, WatchDraft
from services.api.store.models import MessageRow
from services.api.watching.regular.account_facts import drop, silence, viral
from services.api.watching.regular.rounds import Rounds

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANNE = "mailto:anne@essai.example"


def account(**fields: object) -> TerritoryAccount:
    known = {
        "account": "a", "network": "bluesky", "handle": "essai.example", "address": "https://b/a",
        "state": "verified", "owner_kind": "collectivité", "observed_at": NOW, "followers": 900,
        "registered_at": NOW,
    }  # fmt: skip
    return TerritoryAccount.model_construct(**known | fields)


def post(days: float, interactions: int | None = 10, state: str = "present") -> AccountPost:
    return AccountPost.model_construct(
        post=f"p{days}", address=f"https://b/{days}", published_at=NOW - days * DAY, state=state,
        interactions=interactions, text="Le marché est annulé",
    )  # fmt: skip


def days(*followers: int | None) -> list[AccountDay]:
    first = (NOW - (len(followers) - 1) * DAY).date()
    return [
        AccountDay.model_construct(day=first + place * DAY, followers=count)
        for place, count in enumerate(followers)
    ]


@pytest.mark.parametrize(
    ("last", "every", "fields", "told"),
    [
        (8, 1, {}, True),
        (6, 1, {}, False),
        (8, 3, {}, False),
        (13, 3, {}, True),
        (20, 1, {}, False),
        (8, 1, {"observed_at": NOW - 3 * DAY}, False),
        (8, 1, {"observed_at": None}, False),
    ],
)
def test_when_an_account_has_fallen_silent(last, every, fields, told):
    posts = [post(last + every * number) for number in range(10)]
    assert len(list(silence(account(**fields), posts, NOW))) == told
    assert list(silence(account(), posts[:3], NOW)) == [], "too few to know what is usual"


@pytest.mark.parametrize(
    ("followers", "told"),
    [
        ((1000, *[None] * 6, 960), True),
        ((1000, *[990] * 6, 971), False),
        ((100, *[100] * 6, 85), False),
        ((960, *[960] * 6, 1000), False),
        ((1000, 900), False),
        ((None, None), False),
    ],
)
def test_when_followers_are_lost(followers, told):
    assert len(list(drop(account(), days(*followers), NOW))) == told


@pytest.mark.parametrize(
    ("gathered", "age", "known", "told"),
    [(60, 1, 12, True), (49, 1, 12, False), (60, 3, 12, False), (60, 1, 5, False)],
)
def test_when_a_post_is_viral(gathered, age, known, told):
    posts = [post(age, gathered), *(post(4 + number) for number in range(known))]
    assert len(list(viral(account(), posts, NOW))) == told
    assert list(viral(account(), [post(1, None), *posts[1:]], NOW)) == []


@pytest.fixture
def clock():
    return SteppedClock(NOW)


async def test_a_fact_is_told_once_to_those_who_asked(store, figures, clock):
    tokens: list[str] = []
    figures.given |= {
        "territory_accounts": [account().model_dump() | LACKING],
        "account_posts": [one.model_dump() | COUNTERS for one in (post(n) for n in range(8, 20))],
    }
    for facts in ((), ("silence",), ("silence", "viral")):
        draft = WatchDraft(
            territory="00101", name="Eau", purpose="astreinte", query=Query(any=("eau",)),
            facts=facts,
        )  # fmt: skip
        store.watches.create(draft, (ANNE,), lambda *given: tokens.append(given[2]) or MAIL)
    for token in tokens:
        store.watches.confirm(token)
    rounds = Rounds(store, figures, clock, lambda _: "Essai", "https://p.example", simulation=True)
    for _ in range(3):
        await rounds.go()
        clock.step(3_600)
    with store.database.reading() as session:
        told = [one for one in session.scalars(select(MessageRow)) if one.kind == "account_fact"]
    assert len(told) == 1
    assert "essai.example" in told[0].subject
    assert "16 novembre" in told[0].text.replace("\u00a0", " ")


MAIL = Mail("", "", "")
LACKING = {
    **dict.fromkeys(("native_id", "name", "home_territory", "role")), "home": True, "absent": {},
    **dict.fromkeys(("following", "posts", "likes", "views")),
}  # fmt: skip
COUNTERS = {
    **dict.fromkeys(("likes", "comments", "shares", "quotes", "views", "engagement")), "absent": {},
    "kind": "text", "topics": [], "read_at": NOW, "readings": 1, "text_length": 4, "hashtags": [],
    "origin": "simulation",
}  # fmt: skip
