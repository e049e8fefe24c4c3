"""What watches look for is asked of the networks that have a search, within its pace."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from contracts.networks import BY_SLUG
from contracts.watches import Query
from libs.deciding.stages import TELL_WITHIN
from services.collector.planning.planner import Planner
from services.collector.planning.searches import LONGEST_PACE, MOST_SERVERS, SEARCHED, asked
from tests.collector.world import ended, planner_of, registered

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MASTODON, YOUTUBE = BY_SLUG["mastodon"], BY_SLUG["youtube"]
LENS = Query(any=("coupure d’eau", "inondation"), all=("Lens",))


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
    assert {one.pace for one in lots} == {LONGEST_PACE}


def planner_with_accounts(hosts: int = 5) -> Planner:
    """A planner of accounts on servers, all read but that of the first one."""
    planner = planner_of(tokens=())
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
    nobody = planner_of(tokens=())
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


def test_youtube_is_searched_where_there_is_a_key_and_by_its_hundred():
    without = Planner(origin="simulation", credentials={}, host_of=lambda network, _: network)
    without.look_for([LENS], START)
    assert searched(without) == []
    planner = planner_of()
    planner.look_for([Query(any=(f"Ville {n}x",)) for n in range(500)], START)
    granted = Counter[str]()
    for minute in range(2 * 24 * 60):
        now = START + minute * MINUTE
        for job in planner.plan(now):
            granted[str(now.date())] += 1
            assert (job.bucket, job.operation) == ("youtube:a", "mentions")
            planner.advance(ended(job, "done", now), now)
    assert 60 <= granted["2026-11-02"] <= 90, granted
    assert 80 <= granted["2026-11-03"] <= 90, granted


def test_what_youtube_indexes_late_is_found_by_asking_from_a_day_before():
    planner = planner_of()
    planner.look_for([LENS], START)
    (job,) = planner.plan(START)
    assert job.subjects[0].handle == "Lens"
    planner.advance(ended(job, "done", START, items="v2 v1"), START)
    assert planner.plan(START + timedelta(hours=5)) == []
    (again,) = planner.plan(START + timedelta(hours=6))
    assert (again.items, again.since) == ("v2 v1", job.slot - timedelta(days=1))


def test_searches_that_are_spent_leave_channels_alone():
    planner = planner_of()
    planner.look_for([LENS], START)
    (job,) = planner.plan(START)
    midnight = datetime(2026, 11, 3, 8, tzinfo=UTC)
    planner.advance(ended(job, "rate_limited", START, retry_at=midnight), START)
    planner.register(registered("youtube", 1, START), START)
    later = START + timedelta(hours=12)
    assert {one.operation for one in planner.plan(later)} == {"profile", "posts"}
    assert "mentions" in {one.operation for one in planner.plan(midnight + MINUTE)}


def test_a_watch_is_told_truly_how_late_and_how_many_words_youtube_is_asked():
    search = YOUTUBE.search
    assert search is not None
    (alone,) = asked(YOUTUBE, [LENS])
    lots = asked(YOUTUBE, [Query(any=(f"Ville {n}x",)) for n in range(500)])
    assert (alone.pace, lots[0].pace) == (timedelta(hours=6), LONGEST_PACE)
    oldest = LONGEST_PACE + timedelta(seconds=search.overlap)
    assert search.delay.startswith(f"jusqu’à {oldest.days} jours")
    assert "toutes les 6 heures au mieux, une fois par jour au pire" in search.delay
    assert f"les {len(lots)} plus demandés" in search.delay


def test_what_a_search_finds_at_its_slowest_is_still_told():
    for network in SEARCHED:
        assert network.search is not None
        assert LONGEST_PACE + timedelta(seconds=network.search.overlap) <= TELL_WITHIN


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
