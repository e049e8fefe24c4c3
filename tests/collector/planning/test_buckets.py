"""What a request is paid from, on a network whose quotas are counted by operation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.jobs import JobSubject, Operation
from contracts.networks import BY_SLUG, DAY, Network, Quota
from services.collector.planning import buckets as module
from services.collector.planning.buckets import Buckets
from services.collector.planning.granting import cost_of
from services.collector.planning.quota import Bucket
from tests.collector.world import ended
from tests.suites.network import job_of, reading_of

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
QUARTER = 15 * 60
SUBJECT = JobSubject(subject="acc-1", handle="ville")
USERS = Quota(300, QUARTER, "credential", "made up", ("profile",))
POSTS = Quota(900, QUARTER, "credential", "made up", ("posts",))
ALL = Quota(1000, DAY, "credential", "made up")


def network_of(**quotas: Quota) -> Network:
    """Return a network that is asked for no reading, with such quotas."""
    return Network("essai", "Essai", scored=False, quotas=quotas, posts_per_request=0)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network with a quota for each of two operations, and one of a day for both."""
    made = network_of(users=USERS, posts=POSTS, day=ALL)
    monkeypatch.setitem(BY_SLUG, made.slug, made)
    return made


def buckets_of(*names: str) -> Buckets:
    made = Buckets({"essai": names or ("a",)}, lambda _network, _subject: "host.example")
    made.tell(START)
    return made


def paid(buckets: Buckets, network: Network, operation: Operation) -> list[Bucket]:
    found = buckets.for_job(network, operation, SUBJECT)
    assert found is not None
    return found[1]


def left(buckets: Buckets, network: Network, operation: Operation) -> int:
    return min(bucket.available(START) for bucket in paid(buckets, network, operation))


def test_each_operation_has_its_own_quota_and_the_tightest_decides(network):
    buckets = buckets_of()
    assert (left(buckets, network, "profile"), left(buckets, network, "posts")) == (270, 810)
    for bucket in paid(buckets, network, "posts"):
        bucket.spend(START, 700)
    assert (left(buckets, network, "profile"), left(buckets, network, "posts")) == (200, 110)
    names = {bucket.name for bucket in buckets.told()}
    assert names == {"essai:a#users", "essai:a#posts", "essai:a#day"}


@pytest.mark.parametrize(("euros", "units"), [(None, 900), (0, 0), (1, 180), (40, 7200)])
def test_a_network_whose_objects_are_paid_stays_within_the_budget_of_the_day(euros, units):
    paying = replace(network_of(budget=Quota(1000, DAY, "credential", "made up")), unit_price=0.005)
    budgets = {} if euros is None else {"essai": euros}
    buckets = Buckets({"essai": ("a",)}, lambda _network, _subject: "", budgets=budgets)
    buckets.tell(START)
    (bucket,) = paid(buckets, paying, "profile")
    assert bucket.available(START) == units
    assert bucket.free_at(START) >= START
    assert network_of(day=ALL).within(5) == network_of(day=ALL)


def test_what_an_operation_counts_for_is_said_by_object():
    two = [SUBJECT.model_copy(update={"posts": tuple(map(reading_of, "ab"))}), SUBJECT]
    plain, by_object = (
        network_of(day=ALL),
        replace(network_of(day=ALL), costs={"profile": 2, "posts": 5, "readings": 1}),
    )
    assert [cost_of(plain, one, two) for one in ("profile", "posts", "readings")] == [1, 1, 1]
    assert [cost_of(by_object, one, two) for one in ("profile", "readings")] == [4, 2]
    assert cost_of(by_object, "posts", two[:1]) == 5


def test_one_group_of_quotas_needs_no_suffix():
    short = Quota(10, 1, "credential", "made up")
    found = paid(buckets_of(), network_of(day=ALL, pace=short), "profile")
    assert [bucket.name for bucket in found] == ["essai:a"]


def test_the_next_leader_knows_what_was_spent_of_each_quota(network):
    """A network without readings had no quota for them, and nobody could lead any more."""
    buckets = buckets_of()
    for bucket in paid(buckets, network, "profile"):
        bucket.spend(START, 100)
    kept = buckets.to_keep(START)
    after = buckets_of()
    after.restore([*kept, kept[0].model_copy(update={"bucket": "essai:a#withdrawn"})])
    assert (left(after, network, "profile"), left(after, network, "posts")) == (170, 800)


def test_a_pause_concerns_the_quota_that_asked_for_it(network):
    buckets = buckets_of()
    paid(buckets, network, "profile")
    paid(buckets, network, "posts")
    job = job_of("essai", "profile", SUBJECT, bucket="essai:a")
    until = START + timedelta(minutes=3)
    buckets.observe(ended(job, "rate_limited", START, retry_at=until))
    assert (left(buckets, network, "profile"), left(buckets, network, "posts")) == (0, 810)
    assert buckets.pauses() == {"essai:a#users": until}
    after = buckets_of()
    after.keep_pause("essai:a#users", until, START)
    assert (left(after, network, "profile"), left(after, network, "posts")) == (0, 810)


def test_a_dead_credential_pays_for_nothing_and_another_does(network):
    buckets = buckets_of("a", "b")
    job = job_of("essai", "profile", SUBJECT, bucket="essai:a")
    buckets.observe(ended(job, "credential", START))
    for operation in ("profile", "posts"):
        found = buckets.for_job(network, operation, SUBJECT)
        assert found is not None
        assert (found[0], {bucket.name[:7] for bucket in found[1]}) == ("essai:b", {"essai:b"})


def test_what_headers_say_is_said_of_the_quota_of_the_operation(network):
    buckets = buckets_of()
    job = job_of("essai", "posts", SUBJECT, bucket="essai:a")
    buckets.observe(ended(job, "done", START, quota_left=400))
    assert (left(buckets, network, "profile"), left(buckets, network, "posts")) == (270, 400)


@pytest.mark.parametrize("payer", ["essai:nobody", "essai:all", "nobody", "other:a", ":a", "a"])
def test_an_outcome_paid_from_no_bucket_of_ours_makes_none(network, payer):
    """Each name that an outcome bore was a bucket and a series of metrics, for good."""
    buckets = buckets_of()
    paid(buckets, network, "posts")
    known = [bucket.name for bucket in buckets.told()]
    for cause in ("done", "rate_limited", "credential", "refused"):
        job = job_of("essai", "posts", SUBJECT, bucket=payer)
        buckets.observe(ended(job, cause, START, quota_left=4))
    assert [bucket.name for bucket in buckets.told()] == known
    assert buckets.pauses() == {}


def test_hosts_that_are_asked_no_more_are_forgotten(monkeypatch):
    """What was spent counted for ever, and so no bucket was ever idle."""
    monkeypatch.setattr(module, "MOST_BUCKETS", 10)
    hosted = network_of(host=Quota(60, 60, "host", "made up"))
    monkeypatch.setitem(BY_SLUG, hosted.slug, hosted)
    buckets = Buckets({}, lambda _network, subject: subject.handle)

    def spent(at: datetime, number: int) -> Bucket:
        buckets.tell(at)
        found = buckets.for_job(hosted, "posts", JobSubject(subject="a", handle=f"h{number}"))
        assert found is not None
        (bucket,) = found[1]
        bucket.spend(at, 1)
        return bucket

    first = [spent(START, number) for number in range(20)]
    assert [spent(START, number) for number in range(20)] == first
    buckets.tell(START + timedelta(hours=1))
    assert spent(START + timedelta(hours=1), 0) is not first[0]
