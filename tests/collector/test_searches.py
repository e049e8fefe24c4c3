"""What watches look for is asked of the networks that have a search, within its pace."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from contracts.networks import BY_SLUG
from contracts.watches import Query
from services.collector.planning.planner import Planner
from services.collector.planning.searches import MOST_SERVERS, asked, hashtag, telling
from tests.collector.world import ended, planner_of, registered

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MASTODON = BY_SLUG["mastodon"]
LENS = Query(any=("coupure d’eau", "inondation"), all=("Lens",))


@pytest.mark.parametrize(
    ("term", "tag"),
    [
        ("Essai-sur-Onde", "essaisuronde"), ("St Ouen", "saintouen"), ("Évreux", "evreux"),
        ("inond*", None), ("62300", None), ("Eu", None), ("…", None),
    ],
)  # fmt: skip
def test_a_term_makes_a_hashtag_as_people_write_it(term, tag):
    assert hashtag(term) == tag


def test_what_must_be_there_tells_most_and_names_before_words():
    assert telling(LENS) == ("Lens",)
    assert telling(Query(any=("inondation", "Lens", "eau"))) == ("Lens", "inondation", "eau")
    assert telling(Query(any=(), all=("piscine municipale", "Lens"))) == ("Lens",)
    assert len(telling(Query(any=tuple(f"mot{n}" for n in range(200))))) == 10


def test_a_term_of_several_watches_is_asked_once_and_first():
    queries = [Query(any=("Arras",)), LENS, Query(any=("lens",))]
    found = asked(MASTODON, queries, ["a.example"])
    assert [one.handle for one in found] == ["lens@a.example", "arras@a.example"]
    assert "lens" not in found[0].id


def test_a_watch_of_other_networks_asks_nothing():
    assert asked(MASTODON, [Query(any=("Lens",), networks=("bluesky",))], ["a.example"]) == []
    assert asked(BY_SLUG["bluesky"], [LENS]) == ()


def test_the_more_is_asked_the_more_seldom_each():
    few = asked(MASTODON, [LENS], ["a.example"])
    many = asked(MASTODON, [Query(any=(f"Ville{n}x",)) for n in range(100)], ["a.example"])
    assert {one.pace for one in few} == {MINUTE}
    assert {one.pace for one in many} == {timedelta(seconds=500)}
    lots = asked(MASTODON, [Query(any=(f"Ville{n}x",)) for n in range(50_000)], ["a.example"])
    assert {one.pace for one in lots} == {timedelta(days=2)}


def planner_with_accounts(hosts: int = 5) -> Planner:
    """A planner of accounts on servers, all read but that of the first one."""
    planner = planner_of()
    for number in range(2 * hosts):
        handle = f"ville{number}@s{number % hosts}.example"
        planner.register(registered("mastodon", number, START, handle=handle), START)
    for subject in planner.subjects.values():
        subject.profile_at = None if subject.handle.endswith("@s0.example") else START
    return planner


def searched(planner: Planner) -> list[str]:
    return sorted(one.handle for one in planner.subjects.values() if one.kind == "search")


def test_servers_that_answered_are_searched_and_no_others():
    planner = planner_with_accounts()
    planner.look_for([LENS], START)
    assert searched(planner) == ["lens@s1.example", "lens@s2.example", "lens@s3.example"]
    assert len(searched(planner)) == MOST_SERVERS
    assert planner.counts() == {"mastodon": 10}
    nobody = planner_of()
    nobody.look_for([LENS], START)
    assert searched(nobody) == []


def test_a_search_is_asked_at_once_then_at_its_pace_from_a_little_before():
    planner = planner_with_accounts(2)
    planner.look_for([LENS], START)
    (job,) = [one for one in planner.plan(START) if one.operation == "mentions"]
    assert (job.bucket, job.subjects[0].handle) == ("mastodon:s1.example", "lens@s1.example")
    assert job.since == job.slot - timedelta(days=1)
    planner.advance(ended(job, "done", START, items="9 8"), START)
    assert [one for one in planner.plan(START + MINUTE / 2) if one.operation == "mentions"] == []
    (again,) = [one for one in planner.plan(START + MINUTE) if one.operation == "mentions"]
    assert (again.items, again.since) == ("9 8", job.slot - timedelta(hours=1))


def test_what_no_watch_looks_for_is_asked_no_more():
    planner = planner_with_accounts(2)
    planner.look_for([LENS], START)
    planner.look_for([], START)
    assert searched(planner) == []
    assert [one for one in planner.plan(START) if one.operation == "mentions"] == []


def test_the_next_leader_goes_on_from_what_was_found():
    planner = planner_with_accounts(2)
    planner.look_for([LENS], START)
    (job,) = [one for one in planner.plan(START) if one.operation == "mentions"]
    changed = planner.advance(ended(job, "done", START, items="9 8"), START)
    (row,) = planner.progress(changed, START)
    following = planner_with_accounts(2)
    following.remember(row, START)
    following.look_for([LENS], START + MINUTE)
    (again,) = [one for one in following.plan(START + MINUTE) if one.operation == "mentions"]
    assert (again.items, again.since) == ("9 8", job.slot - timedelta(hours=1))


def test_an_instance_that_refuses_is_left_alone_for_a_day():
    planner = planner_with_accounts(2)
    planner.look_for([LENS], START)
    (job,) = [one for one in planner.plan(START) if one.operation == "mentions"]
    planner.advance(ended(job, "refused", START), START)
    later = START + timedelta(hours=23)
    assert [one for one in planner.plan(later) if one.operation == "mentions"] == []


def test_searches_leave_a_server_four_fifths_of_its_quota():
    planner = planner_with_accounts(2)
    planner.look_for([Query(any=(f"Ville{n}x",)) for n in range(500)], START)
    granted = Counter[str]()
    for second in range(0, 1200, 1):
        now = START + timedelta(seconds=second)
        for job in planner.plan(now):
            granted[job.operation] += 1
            planner.advance(ended(job, "done", now), now)
    assert 200 <= granted["mentions"] <= 241, granted
