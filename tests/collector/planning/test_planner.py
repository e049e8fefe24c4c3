"""What is granted, when, and paid from what; never a machine's clock, never a broker."""

import contextlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from contracts.jobs import JobGranted, Progress
from contracts.networks import BY_SLUG
from services.collector.networks import reader_of
from services.collector.planning.planner import MOST_IN_FLIGHT, Planner
from services.collector.planning.schedule import BACKFILL, STOPPED, Reading
from tests.collector.world import World, ended, planner_of, registered
from tests.events import account_registered

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def planned(network: str, count: int = 1, **changes: object) -> Planner:
    """Return a planner with some accounts of a network."""
    planner = planner_of()
    for number in range(count):
        planner.register(registered(network, number, START, **changes), START)
    return planner


def planner_with_readers() -> Planner:
    """Return a planner that asks the real readers for hosts."""
    return Planner(
        origin="simulation",
        epoch=1,
        credentials={},
        host_of=lambda network, subject: reader_of(network).host(subject),
    )


def test_accounts_of_persons_and_unproved_ones_are_never_asked_for():
    planner = planner_of()
    planner.register(registered("bluesky", 1, START, owner_kind="personne"), START)
    planner.register(registered("bluesky", 2, START, state="candidate"), START)
    planner.register(registered("bluesky", 3, START, state="closed"), START)
    assert planner.plan(START) == []


def test_an_account_that_is_closed_is_no_longer_asked_for():
    planner = planned("bluesky")
    planner.register(registered("bluesky", 0, START, revision=2, state="closed"), START)
    assert planner.plan(START) == []


def granted_in(planner: Planner, seconds: int, start: datetime = START) -> list[JobGranted]:
    """Return what is granted in so many seconds, nothing being answered."""
    steps = (start + timedelta(seconds=second) for second in range(seconds))
    return [job for at in steps for job in planner.plan(at)]


def test_profiles_are_asked_for_by_batch():
    jobs = granted_in(planned("bluesky", 60), 20)
    sizes = sorted(len(job.subjects) for job in jobs if job.operation == "profile")
    assert sizes == [10, 25, 25]


def test_a_first_sight_reads_thirty_days_back():
    planner = planned("bluesky")
    posts = next(job for job in planner.plan(START) if job.operation == "posts")
    assert posts.since == posts.slot - BACKFILL


def test_an_unfinished_reading_goes_on_where_it_was_in_the_same_slot():
    planner = planned("bluesky")
    first = next(job for job in planner.plan(START) if job.operation == "posts")
    planner.advance(ended(first, "done", START, next_cursor="page-2"), START)
    later = START + MINUTE
    second = next(job for job in planner.plan(later) if job.operation == "posts")
    assert (second.cursor, second.page, second.slot) == ("page-2", 1, first.slot)
    assert second.since == first.since


def test_an_account_asked_for_by_name_waits_for_its_id():
    planner = planned("youtube", native_id=None)
    jobs = planner.plan(START)
    assert [job.operation for job in jobs] == ["profile"]
    planner.advance(
        ended(jobs[0], "done", START, native_ids={jobs[0].subjects[0].subject: "UCx"}), START
    )
    feed = planner.plan(START + MINUTE)
    assert [(job.operation, job.subjects[0].native_id) for job in feed] == [("posts", "UCx")]


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "youtube", "instagram", "facebook"])
def test_every_account_stays_fresh_and_every_post_is_read_between_day_6_and_day_8(network):
    planner = planned(network, 12)
    world = World()
    for number in range(12):
        account = f"{network}-{number:05d}"
        world.posts[account] = {
            f"{account}/{n}": START + n * timedelta(hours=17, minutes=7 * number) for n in range(8)
        }
    end = START + 16 * DAY
    world.run(planner, START, end, 10 * MINUTE)
    facts = BY_SLUG[network]
    for number in range(12):
        account = f"{network}-{number:05d}"
        if facts.profiles_per_request:
            assert_gaps(world.profiles[account], end, timedelta(seconds=facts.freshness.profile))
        assert_gaps(world.pages[account], end, timedelta(seconds=facts.freshness.posts))
        for post, published in world.posts[account].items():
            ages = [at - published for at in world.readings[post]]
            assert any(6 * DAY <= age <= 8 * DAY for age in ages), (post, ages)
            assert ages[0] <= timedelta(seconds=facts.freshness.posts)
            assert any(12 * HOUR <= age <= 30 * HOUR for age in ages), (post, ages)


def assert_gaps(moments: list[datetime], end: datetime, most: timedelta) -> None:
    """Check that no more than `most` passes between two readings, nor after the last."""
    gaps = [after - before for before, after in zip(moments, [*moments[1:], end], strict=True)]
    assert max(gaps) <= most, max(gaps)


def test_a_post_is_read_again_few_times_until_28_days_old():
    planner = planned("bluesky")
    world = World({"bluesky-00000": {"a": START + HOUR}})
    world.run(planner, START, START + 35 * DAY, 10 * MINUTE)
    readings = [job for job in world.jobs if job.operation == "readings"]
    # Found by a page once or twice, then once at each age.
    assert 5 <= len(readings) <= 7
    assert max(world.readings["a"]) - (START + HOUR) <= 29 * DAY
    assert not planner.subjects["bluesky-00000"].readings


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "instagram", "youtube"])
def test_a_post_that_is_missing_is_confirmed_before_it_is_deleted(network):
    planner = planned(network)
    account = f"{network}-00000"
    world = World({account: {"kept": START - DAY, "gone": START - 2 * HOUR}})
    world.run(planner, START, START + 2 * MINUTE, MINUTE)
    world.deleted.add("gone")
    world.run(planner, START + 2 * MINUTE, START + 2 * DAY, 10 * MINUTE)
    assert world.told_deleted == ["gone"]
    confirming = [job for job in world.jobs if job.confirm]
    assert [[p.native_id for p in s.posts] for j in confirming for s in j.subjects] == [["gone"]]
    assert "gone" not in planner.subjects[account].readings
    assert "kept" in planner.subjects[account].readings


@pytest.mark.parametrize("network", ["bluesky", "facebook", "mastodon", "youtube"])
@pytest.mark.parametrize("since", [2, 20, 70])
@pytest.mark.parametrize("minutes", [15, 52, 3 * 24 * 60])
def test_a_hidden_account_hides_its_posts_and_deletes_none(network, since, minutes):
    planner = planned(network)
    account = f"{network}-00000"
    posts = {f"post-{hours}": START - hours * HOUR for hours in range(1, 9)}
    world = World({account: posts})
    world.run(planner, START, begins := START + since * MINUTE, MINUTE)
    world.hidden.add(account)
    world.run(planner, begins, ends := begins + minutes * MINUTE, MINUTE)
    world.hidden.clear()
    world.run(planner, ends, ends + 9 * DAY, 10 * MINUTE)
    assert world.told_deleted == []
    assert set(planner.subjects[account].readings) == set(posts)
    assert all(max(world.readings[post]) > ends for post in posts)


def test_a_post_is_deleted_only_after_its_account_was_seen():
    planner = planned("bluesky")
    world = World({"bluesky-00000": {"only": START - 2 * HOUR}})
    world.run(planner, START, START + 2 * MINUTE, MINUTE)
    world.deleted.add("only")
    world.run(planner, START + 2 * MINUTE, START + 2 * DAY, MINUTE)
    assert world.told_deleted == ["only"]
    kinds = [(job.operation, job.confirm) for job in world.jobs if job.operation != "posts"]
    assert kinds[: kinds.index(("readings", True)) + 1][-3:] == [
        ("readings", False), ("profile", False), ("readings", True)
    ]  # fmt: skip
    # Somebody puts it back: a page that gives it makes it due again.
    world.deleted.clear()
    world.posts["bluesky-00000"]["only"] = START + 47 * HOUR
    world.run(planner, START + 2 * DAY, START + 4 * DAY, 10 * MINUTE)
    assert "only" in planner.subjects["bluesky-00000"].readings


def test_a_post_that_was_missing_by_accident_is_read_again():
    planner = planned("bluesky")
    world = World({"bluesky-00000": {"a": START - 2 * HOUR}})
    world.run(planner, START, START + 2 * MINUTE, MINUTE)
    world.deleted.add("a")
    world.run(planner, START + 2 * MINUTE, START + 5 * HOUR, 10 * MINUTE)
    world.deleted.discard("a")
    world.run(planner, START + 5 * HOUR, START + 8 * DAY, 10 * MINUTE)
    if not world.told_deleted:
        assert any(at - (START - 2 * HOUR) >= 6 * DAY for at in world.readings["a"])


def test_quotas_are_never_exceeded_whatever_is_due():
    planner = planned("instagram", 500)
    world = World()
    world.run(planner, START, START + 6 * HOUR, MINUTE)
    moments = [job.granted_at for job in world.jobs]
    for moment in moments:
        spent = sum(1 for at in moments if moment <= at < moment + HOUR)
        assert spent <= 200
    assert len(moments) >= 500


def test_several_tokens_raise_the_ceiling():
    planner = planner_of(tokens=("a", "b"))
    for number in range(500):
        planner.register(registered("instagram", number, START), START)
    world = World()
    world.run(planner, START, START + 30 * MINUTE, MINUTE)
    assert Counter(job.bucket for job in world.jobs) == {"instagram:a": 180, "instagram:b": 180}


def test_two_networks_asked_with_one_token_share_its_quota():
    planner = planner_of(same={"facebook:a": "instagram:a"})
    for number in range(300):
        planner.register(registered("instagram", number, START), START)
        planner.register(registered("facebook", number, START), START)
    world = World()
    world.run(planner, START, START + 30 * MINUTE, MINUTE)
    spent = sum(
        len(job.subjects) if job.network == "facebook" else 1
        for job in world.jobs
        if job.operation != "readings"
    )
    assert {job.network for job in world.jobs} <= {"instagram", "facebook"}
    assert 150 <= spent <= 180


def test_one_host_is_asked_once_a_second_at_most_and_others_meanwhile():
    planner = planned("mastodon", 70)
    jobs = planner.plan(START)
    assert len({job.bucket for job in jobs}) == len(jobs) == 7


def test_a_rate_limited_bucket_is_left_alone_and_its_subjects_are_still_due():
    planner = planned("bluesky", 30)
    job = planner.plan(START, most=1)[0]
    until = START + 2 * MINUTE
    planner.advance(ended(job, "rate_limited", START, retry_at=until), START)
    assert planner.plan(until - timedelta(seconds=1)) == []
    again = granted_in(planner, 10, until + MINUTE)
    assert job.subjects[0].subject in {s.subject for j in again for s in j.subjects}


@pytest.mark.parametrize("cause", ["rate_limited", "unavailable"])
@pytest.mark.parametrize("at", [timedelta(0), timedelta(days=26_600)])
def test_an_outcome_that_asks_for_years_holds_back_for_a_day(cause, at):
    """It may say more than a row can hold; another leader could not be told of it."""
    planner = planned("bluesky")
    job = planner.plan(START, most=1)[0]
    told = ended(job, cause, START + at, retry_at=START + timedelta(days=26_700))
    changed = planner.advance(told, START)
    assert all(
        row.not_before is None or row.not_before <= START + timedelta(days=1)
        for row in planner.progress(changed, START)
    )
    assert granted_in(planner, 1, START + timedelta(days=1, minutes=20))


def test_a_dead_credential_is_not_used_again():
    planner = planned("facebook", 5)
    job = planner.plan(START, most=1)[0]
    planner.advance(ended(job, "credential", START, detail="expired"), START)
    assert planner.plan(START + 5 * HOUR) == []


def test_a_network_without_token_is_not_asked():
    planner = planner_of(tokens=())
    planner.register(registered("facebook", 0, START), START)
    planner.register(registered("youtube", 0, START), START)
    assert [job.operation for job in planner.plan(START)] == ["posts"]


def test_a_channel_without_token_settles_for_its_feed():
    planner = planner_of(tokens=())
    planner.register(registered("youtube", 0, START), START)
    feed = planner.plan(START)[0]
    planner.advance(ended(feed, "done", START, next_cursor="uploads"), START)
    assert planner.plan(START + MINUTE) == []
    later = planner.plan(START + 6 * HOUR)
    assert [job.operation for job in later] == ["posts"]


@pytest.mark.parametrize("network", ["bluesky", "mastodon", "youtube", "instagram", "rss"])
@pytest.mark.parametrize("hours", [1, 5, 20])
def test_who_was_seen_and_hides_for_hours_is_soon_seen_again(network, hours):
    planner = planned(network)
    account = f"{network}-00000"
    world = World({account: {}})
    world.run(planner, START, begins := START + 2 * DAY, 10 * MINUTE)
    world.hidden.add(account)
    world.run(planner, begins, ends := begins + hours * HOUR, 10 * MINUTE)
    world.hidden.clear()
    asked_meanwhile = any(job.granted_at >= begins for job in world.jobs)
    world.run(planner, ends, ends + DAY, 10 * MINUTE)
    asked = [job.granted_at for job in world.jobs if job.granted_at >= ends]
    wait = HOUR if hours < 6 else 6 * HOUR
    freshness = timedelta(seconds=BY_SLUG[network].freshness.posts)
    assert min(asked) <= ends + (wait if asked_meanwhile else freshness)
    assert planner.subjects[account].unreachable == 0


def test_who_was_seen_and_does_not_answer_is_asked_for_three_days_then_weekly():
    planner = planned("bluesky")
    account = "bluesky-00000"
    world = World({account: {}})
    world.run(planner, START, begins := START + DAY, 10 * MINUTE)
    seen = len(world.jobs)
    world.hidden.add(account)
    world.run(planner, begins, begins + 21 * DAY, 30 * MINUTE)
    waits = [after.granted_at - before.granted_at for before, after in pairwise(world.jobs[seen:])]
    expected = [*[HOUR] * 6, *[6 * HOUR] * 3, DAY, DAY, 7 * DAY, 7 * DAY]
    assert waits[: len(expected)] == expected


def test_who_does_not_answer_is_asked_again_on_two_days_then_weekly():
    planner = planned("bluesky")
    asked: list[datetime] = []
    now = START
    while now < START + 20 * DAY:
        for job in planner.plan(now):
            asked.append(now)
            gone = {job.subjects[0].subject: "Profile not found"}
            planner.advance(ended(job, "gone", now, gone=gone), now)
        now += HOUR
    days = sorted({(at - START).days for at in asked})
    assert days == [0, 1, 2, 9, 16] or days == [0, 1, 8, 15]


def test_an_account_that_answers_again_is_followed_again():
    planner = planned("bluesky")
    for job in planner.plan(START):
        planner.advance(ended(job, "gone", START, gone={"bluesky-00000": "no"}), START)
    world = World({"bluesky-00000": {}})
    world.run(planner, START, START + 2 * DAY, 30 * MINUTE)
    assert planner.subjects["bluesky-00000"].unreachable == 0
    assert world.pages["bluesky-00000"]


def test_a_feed_that_is_gone_for_good_is_not_asked_again():
    planner = planned("rss")
    job = planner.plan(START)[0]
    planner.advance(
        ended(job, "gone", START, detail="HTTP 410", gone={"rss-00000": "HTTP 410"}), START
    )
    assert planner.subjects["rss-00000"].unreachable == STOPPED
    assert planner.plan(START + 30 * DAY) == []


def test_a_failure_waits_longer_and_longer_a_quarter_of_an_hour_at_most():
    planner = planned("rss")
    waits: list[timedelta] = []
    now = START
    last: datetime | None = None
    while len(waits) < 15:
        for job in planner.plan(now):
            if last is not None:
                waits.append(now - last)
            last = now
            planner.advance(ended(job, "unavailable", now), now)
        now += timedelta(seconds=1)
    assert waits[0] <= timedelta(seconds=5)
    assert max(waits) <= timedelta(minutes=15, seconds=2)
    assert max(waits[8:]) > timedelta(minutes=2)


def test_a_wall_is_believed_at_the_second_look():
    planner = planned("rss")
    job = planner.plan(START)[0]
    planner.advance(ended(job, "refused", START, retry_at=START + DAY), START)
    assert planner.plan(START + HOUR - timedelta(seconds=1)) == []
    again = planner.plan(START + HOUR)[0]
    planner.advance(ended(again, "refused", START + HOUR, retry_at=START + 25 * HOUR), START + HOUR)
    assert planner.plan(START + 24 * HOUR) == []
    assert planner.plan(START + 25 * HOUR)


def test_an_outage_before_a_wall_is_not_its_first_look():
    planner = planned("rss")
    planner.advance(ended(planner.plan(START)[0], "unavailable", START, retry_at=START), START)
    now = START + timedelta(minutes=1)
    planner.advance(ended(planner.plan(now)[0], "refused", now, retry_at=now + DAY), now)
    assert planner.plan(now + HOUR)


def test_a_renamed_account_is_asked_for_by_its_new_name():
    planner = planned("instagram")
    job = planner.plan(START)[0]
    planner.advance(ended(job, "done", START, renamed={"instagram-00000": "new.name"}), START)
    again = planner.plan(START + 6 * HOUR)[0]
    assert again.subjects[0].handle == "new.name"
    assert again.subjects[0].native_id == "id-instagram-0"


def test_an_account_that_moved_to_another_host_has_another_id_there():
    planner = planned("mastodon")
    job = planner.plan(START)[0]
    planner.advance(
        ended(job, "done", START, renamed={"mastodon-00000": "ville@new.example"}), START
    )
    subject = planner.subjects["mastodon-00000"]
    assert (subject.name, subject.identity) == ("ville@new.example", None)


@pytest.mark.parametrize("network", ["bluesky", "facebook"])
def test_a_batch_that_says_nothing_is_asked_again_one_by_one(network):
    planner = planned(network, 5)
    batch = next(job for job in planner.plan(START) if job.operation == "profile")
    names = [subject.subject for subject in batch.subjects]
    planner.advance(ended(batch, "gone", START, alone=tuple(names)), START)
    asked: list[str] = []
    for at in (START + second * timedelta(seconds=1) for second in range(1, 20)):
        for job in planner.plan(at):
            if job.operation != "profile":
                continue
            asked += [subject.subject for subject in job.subjects]
            assert len(job.subjects) == 1
            gone = {names[2]: "no"} if asked[-1] == names[2] else {}
            planner.advance(ended(job, "gone" if gone else "done", at, gone=gone), at)
    assert sorted(asked) == sorted(names)
    assert [name for name in names if planner.subjects[name].unreachable] == [names[2]]
    # The next day the others are one batch again, the one that is gone is asked by itself.
    jobs = [job for job in granted_in(planner, 60, START + 30 * HOUR) if job.operation == "profile"]
    assert sorted(len(job.subjects) for job in jobs) == [1, 4]


@pytest.mark.parametrize(
    "handle", ["mairie@écommoy.example", "mairie@\x00.example", "a@b c.example"]
)
def test_a_handle_that_cannot_be_asked_stops_nobody(handle):
    planner = planner_with_readers()
    planner.register(registered("mastodon", 0, START, handle=handle), START)
    planner.register(registered("mastodon", 1, START), START)
    row = Progress(
        event_id="row", origin="simulation", subject="mastodon-00001", network="mastodon",
        revision=9, handle=handle, changed_at=START,
    )  # fmt: skip
    planner.remember(row, START)
    handles = {s.handle for job in granted_in(planner, 5) for s in job.subjects}
    assert "ville1@social1.example" in handles


@pytest.mark.parametrize(
    ("network", "handle"),
    [
        ("rss", "http://[nowhere"),
        ("rss", "https://[::1]x/feed"),
        ("mastodon", "mairie@" + "h" * 500),
        ("peertube", "mairie@écommoy.example"),
    ],
)
def test_a_subject_of_which_no_job_can_be_made_stops_nobody(network, handle):
    """A name of the registry, one that an answer gave, one that an earlier leader kept."""
    planner = planner_with_readers()
    planner.register(registered("rss", 1, START), START)
    planner.register(account_registered("odd", START, network=network, handle=handle), START)
    moved = registered("rss", 2, START)
    planner.register(moved, START)
    planner.subjects[moved.account].learnt_handle = handle
    row = Progress(
        event_id="row", origin="simulation", subject="rss-00001", network="rss",
        revision=9, handle=handle, changed_at=START,
    )  # fmt: skip
    planner.remember(row, START)
    for number in range(10, 15):
        planner.register(registered("rss", number, START), START)
    asked = {s.subject for job in granted_in(planner, 10) for s in job.subjects}
    assert {f"rss-{number:05d}" for number in range(10, 15)} <= asked


@pytest.mark.parametrize(
    "told",
    [
        {"posts_at": START + 10_000 * DAY},
        {"posts_at": START + 10_000 * DAY, "pace": 2**62},
        {"not_before": START + 10_000 * DAY},
        {"cursor": "2", "paging_slot": START + 10_000 * DAY},
    ],
)
def test_a_row_from_elsewhere_silences_no_subject_for_good(told):
    planner = planned("rss", 2)
    row = Progress.model_validate(
        {"event_id": "row", "origin": "simulation", "subject": "rss-00000", "network": "rss",
         "revision": 2**62, "changed_at": START, **told}
    )  # fmt: skip
    with contextlib.suppress(OverflowError):  # a table passes over what a row fails at
        planner.remember(row, START)
    asked = granted_in(planner, 5) + granted_in(planner, 5, START + 7 * DAY)
    assert "rss-00000" in {s.subject for job in asked for s in job.subjects}


def test_a_pause_from_elsewhere_ends_within_a_day():
    planner = planned("bluesky")
    row = Progress(
        event_id="row", origin="simulation", subject="pause:bluesky:all", network="bluesky",
        revision=2**62, not_before=START + 10_000 * DAY, changed_at=START,
    )  # fmt: skip
    planner.remember(row, START)
    assert planner.plan(START) == []
    assert granted_in(planner, 5, START + DAY + HOUR)


def test_of_an_account_whose_id_was_corrected_the_stream_follows_the_right_one():
    planner = planned("bluesky", 1, native_id="did:plc:wrong")
    right = registered("bluesky", 0, START, native_id="did:plc:right", revision=2)
    planner.register(right, START)
    assert planner.streamed["bluesky"] == {"did:plc:right": right.account}


@pytest.mark.parametrize(
    ("network", "bucket"),
    [
        *(("bluesky", name) for name in ("x" * 21, ":all", "x" * 512, "bluesky:" + "y" * 500)),
        ("bluesky", "bluesky:al"),
        ("mastodon", "mastodon:" + "y" * 500),
    ],
)
def test_a_pause_of_a_bucket_that_no_row_can_hold_stops_no_other(network, bucket):
    """Of an outcome that nobody honest wrote: it was read for ever, nothing granted."""
    planner = planned(network, 1)
    job, *_ = planner.plan(START)
    for name in (bucket, job.bucket):
        outcome = ended(job, "rate_limited", START, retry_at=START + HOUR)
        planner.advance(outcome.model_copy(update={"bucket": name}), START)
    rows = planner.progress(planner.subjects.values(), START)
    assert [row.subject for row in rows] == [f"pause:{job.bucket}", *planner.subjects]


def test_what_no_row_can_hold_is_not_remembered_and_stops_no_other():
    planner = planned("bluesky", 2)
    bad, good = planner.subjects.values()
    bad.learnt_id = "x" * 600
    assert [row.subject for row in planner.progress([bad, good], START)] == [good.id]


def test_what_is_due_nowhere_in_time_is_asked_anew():
    planner = planned("rss", 2)
    planner.subjects["rss-00000"].readings["a"] = Reading(2**60, 2**60, 2**60)
    planner.subjects["rss-00000"].pace = timedelta.max
    planner.subjects["rss-00000"].posts_at = START
    planner.due_again(["rss-00000", "rss-00001"], START)
    asked = granted_in(planner, 5) + granted_in(planner, 5, START + 2 * HOUR)
    assert {s.subject for job in asked for s in job.subjects} == {"rss-00000", "rss-00001"}


def test_what_nothing_is_heard_of_is_due_again():
    planner = planned("bluesky")
    granted = planner.plan(START)
    assert planner.plan(START + 10 * timedelta(seconds=1)) == []
    again = planner.plan(START + 2 * MINUTE)
    assert {job.operation for job in again} == {job.operation for job in granted}
    # The same slots, hence the same observations if both are answered.
    assert {job.slot for job in again} == {job.slot for job in granted}


def test_a_later_leader_takes_over_quotas_and_progress():
    first = planned("instagram", 300)
    world = World({"instagram-00000": {"a": START - HOUR}})
    world.run(first, START, START + 2 * MINUTE, MINUTE)
    now = START + 2 * MINUTE
    rows = first.progress(first.subjects.values(), now)
    own = first.own_progress(now)
    second = planner_of(epoch=2)
    second.remember(own, now)
    for row in rows:
        second.remember(row, now)
    for number in range(300):
        second.register(registered("instagram", number, START), now)
    assert second.plan(now) == []
    assert second.subjects["instagram-00000"].readings == first.subjects["instagram-00000"].readings
    assert {job.epoch for job in second.plan(now + 2 * HOUR)} == {2}


def test_no_more_is_granted_than_workers_can_take():
    planner = planned("rss", 1000)
    assert len(granted_in(planner, 20)) == planner.in_flight == MOST_IN_FLIGHT


def test_a_registry_is_discovered_little_by_little():
    planner = planned("rss", 1000)
    planner.spread_first_sights(START)
    world = World()
    world.run(planner, START, START + 50 * timedelta(seconds=1), timedelta(seconds=1))
    assert 400 <= len(world.jobs) <= 600
    world.run(planner, START + 50 * timedelta(seconds=1), START + 2 * MINUTE, timedelta(seconds=1))
    assert len({job.subjects[0].subject for job in world.jobs}) == 1000


def test_a_step_is_bounded_with_twenty_thousand_accounts():
    planner = planner_of()
    networks = ("bluesky", "mastodon", "youtube", "rss", "facebook")
    for number in range(20_000):
        planner.register(registered(networks[number % 5], number, START), START)
    jobs = planner.plan(START)
    assert len(jobs) == MOST_IN_FLIGHT
    assert planner.in_flight == len(jobs)


@pytest.mark.parametrize(
    "said", [{"renamed": "v" * 513}, {"renamed": ""}, {"native_ids": "v" * 513}, {"native_ids": ""}]
)
def test_a_name_that_cannot_be_remembered_stops_nothing(said):
    planner = planned("mastodon", native_id=None)
    job = planner.plan(START)[0]
    (subject,) = job.subjects
    learnt = {field: {subject.subject: name} for field, name in said.items()}
    changed = planner.advance(ended(job, "done", START, **learnt), START)
    (row,) = planner.progress(changed, START)
    assert (row.handle, row.native_id, row.profile_at) == (None, None, job.slot)
