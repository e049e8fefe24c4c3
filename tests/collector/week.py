"""A week of an invented world, faults on: collected at full speed, then judged claim by claim.

    python -m tests.collector.week --territories 750 --days 7 --write docs/simulation/week.md

starts a broker of its own, collects, reads every topic back and writes the table of the figures; it
ends with 1 when a claim does not hold. `make test` runs two days of a small world, in memory.
"""

import argparse
import asyncio
import platform
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from contracts.accounts import AccountObserved
from contracts.event import Event
from contracts.networks import BY_SLUG
from contracts.posts import PostObserved
from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED, Topic
from deploy.local.servers.kafka import Broker
from libs.clock import SteppedClock
from libs.wire.provision import create_topics
from simulation.country.accounts import Account
from simulation.country.days import DAY, HOUR
from simulation.country.parameters import parameters
from simulation.country.world import World
from tests.collector.accelerated import Accelerated, HurriedWire, SimulatedWire
from tests.collector.bad_week import (
    BY_HAND,
    faults_from,
    hide_some,
    named_at,
    rename_some,
    tokens_of,
    with_a_refused_handle,
)
from tests.collector.judgement import Judgement, seconds
from tests.collector.simulated import asked_by_name
from tests.topics import read_records

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
"""A Monday; the last month of the world is whole before it."""

READ: Mapping[Topic, type[Event]] = {
    ACCOUNTS_OBSERVED: AccountObserved,
    POSTS_OBSERVED: PostObserved,
}
STEP = timedelta(seconds=1)
IDLE = timedelta(minutes=30)
OFTEN_DELETED = 120
"""‰ of the posts of a small world that are deleted: in few days there would be none."""


@dataclass
class Week:
    """A week that has been collected: who, what, and what it cost."""

    line: Accelerated
    judgement: Judgement
    renamed: list[Account]
    hidden: list[Account]
    by_hand: dict[str, int]
    tokens: dict[str, str]
    days: int
    wall: float = 0.0
    cpu: float = 0.0


async def collect(world: World, days: int, wire_of: Callable[[SteppedClock], Any]) -> Week:
    """Collect so many days; the events are on the wire."""
    start = seconds(START)
    renamed = rename_some(world, start, days)
    hidden = hide_some(world, start, days)
    clock, tokens = SteppedClock(START), tokens_of(world)
    lines = [named_at(account, start, START, 1) for account in world.accounts]
    lines.append(with_a_refused_handle(next(one for one in lines if one.network == "bluesky")))
    judgement = Judgement(world, start, start + days * DAY)
    line = Accelerated(
        world, clock, lines, tokens=tokens, wire=wire_of(clock), heard=judgement.hear
    )
    line.networks.faults.known += faults_from(start, days)
    delay = BY_HAND * days // 7
    by_hand = {
        account.id: account.renamed_at + delay
        for account in renamed
        if asked_by_name(account) and account.renamed_at is not None
    }
    await line.wire.start() if isinstance(line.wire, HurriedWire) else None
    for name, moment in sorted(by_hand.items(), key=lambda pair: pair[1]):
        await line.run(datetime.fromtimestamp(moment, UTC) - clock.now(), STEP, IDLE)
        account = judgement.accounts[name]
        line.planner.register(named_at(account, moment, clock.now(), 2), clock.now())
    await line.run(START + timedelta(days=days) - clock.now(), STEP, IDLE)
    return Week(line, judgement, renamed, hidden, by_hand, tokens, days)


def judge(week: Week, events: Iterable[Event]) -> dict[str, list[str]]:
    """Return the problems by claim, that of the quotas included (empty: it holds)."""
    for event in events:
        week.judgement.hear(event)
    week.judgement.conclude(week.renamed, week.by_hand)
    problems = {name: week.judgement.problems[name]
                for name in ("fresh", "renamed", "deleted", "invented", "figures")}  # fmt: skip
    return {"quota": over_quota(week.line)} | problems


def over_quota(line: Accelerated) -> list[str]:
    """Return the buckets of which the server says that more was asked than it allows."""
    return [
        f"{name}: {bucket.most} of {bucket.rule.limit}, {bucket.refused} refused"
        for name, bucket in line.networks.ledger.buckets.items()
        if bucket.refused or bucket.most > bucket.rule.limit
    ]


async def small_week(territories: int, days: int) -> tuple[Week, dict[str, list[str]]]:
    """Collect and judge a small world in memory, where more is deleted than usual."""
    law = parameters()
    law = replace(law, events=replace(law.events, deleted=OFTEN_DELETED))
    week = await collect(World(size=territories, law=law), days, lambda _: SimulatedWire())
    assert isinstance(week.line.wire, SimulatedWire)
    events = (event for topic, event in week.line.wire.kept if topic in READ)
    return week, judge(week, events)


async def whole_week(territories: int, days: int, kafka_url: str) -> tuple[Week, dict[str, Any]]:
    """Collect and judge a world through a real broker: what is judged is what its topics hold."""
    began, before = time.perf_counter(), _cpu()
    await create_topics(kafka_url, "simulation")
    week = await collect(
        World(size=territories), days, lambda clock: HurriedWire(kafka_url, "simulation", clock.now)
    )
    wire = week.line.wire
    assert isinstance(wire, HurriedWire)
    await wire.confirm()
    await wire.stop()
    week.wall, week.cpu = time.perf_counter() - began, _cpu() - before
    for topic, model in READ.items():
        records = await read_records(kafka_url, "simulation", topic)
        for _, record in records:
            week.judgement.hear(model.read(record.value or b""))
        if (read := len(records)) != wire.published[topic.name]:
            raise RuntimeError(f"{topic.name}: {read} read of {wire.published[topic.name]}")
    return week, judge(week, ())


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def tables(week: Week, problems: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the lines of the page that tells the week."""
    world, judgement = week.line.world, week.judgement
    command = f"python -m tests.collector.week --territories {world.size} --days {week.days}"
    names = {
        "quota": "no quota exceeded, by the server's own ledger",
        "fresh": "every visible account within its freshness target",
        "renamed": "renamed accounts followed",
        "deleted": "deletions seen, none invented",
        "invented": "no counter and no post invented",
        "figures": "figures equal to the world's, null with its true reason elsewhere",
    }
    yield f"# {week.days} accelerated days of {len(world.accounts):,} accounts"
    yield ""
    yield f"Written by `{command} --write …`, version {version('observatoire')}, on "
    yield f"{datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}; the world's week "
    yield f"begins on {START:%d %B %Y}. Everything is judged from the events read back from Kafka, "
    yield "from the ledger of the fictional networks and from the world itself."
    yield ""
    yield "| claim | holds | exceptions |"
    yield "|---|---|---|"
    for claim, found in problems.items():
        yield f"| {names[claim]} | {'no' if found else 'yes'} | {len(found)} |"
    yield ""
    yield from _who(week)
    yield from _quotas(week)
    yield from _times(judgement)
    yield from _faults(week)
    yield "## Cost"
    yield ""
    outcomes = judgement.events["JobEnded"]
    yield f"{outcomes:,} jobs, {sum(judgement.events.values()) - outcomes:,} events read back, "
    yield f"{week.wall:,.0f} s of wall clock and {week.cpu:,.0f} s of processor "
    yield "for the collector, the networks and the producer in one process."


def _who(week: Week) -> Iterator[str]:
    judgement = week.judgement
    yield "## Who was observed, and what was compared"
    yield ""
    yield "| network | accounts | visible all week | renamed | counters equal | null, reason true |"
    yield "|---|---|---|---|---|---|"
    renamed = Counter(account.network for account in week.renamed)
    for slug in BY_SLUG:
        known = week.line.world.by_network.get(slug, [])
        seen = sum(account.id in judgement.visible for account in known)
        equal, null = judgement.compared[slug, "equal"], judgement.compared[slug, "null"]
        yield f"| {slug} | {len(known):,} | {seen:,} | {renamed[slug]} | {equal:,} | {null:,} |"
    yield ""
    yield "Not visible: pages not reviewed for us, profiles, groups, personal accounts, an "
    yield "instance closed to the anonymous, feeds behind a wall, accounts closed or of a person."
    yield f"Hidden for some hours, with their posts: {len(week.hidden)} accounts; a handle that "
    yield "Bluesky refuses is among those that are asked."
    yield ""


def _quotas(week: Week) -> Iterator[str]:
    yield "## Quotas, by the server's ledger"
    yield ""
    yield "| buckets | limit | requests or units | highest peak, of the limit | refused |"
    yield "|---|---|---|---|---|"
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for name, bucket in week.line.networks.ledger.buckets.items():
        groups[name.split(" ")[0]].append(bucket)
    for name, buckets in sorted(groups.items()):
        rule = buckets[0].rule
        asked, peak = sum(b.asked for b in buckets), max(b.most / b.rule.limit for b in buckets)
        limit = f"{rule.limit:,} per {rule.seconds:,} s" if name != "feed" else "none"
        told = f"{peak:.0%}" if name != "feed" else "–"
        refused = sum(b.refused for b in buckets)
        yield f"| {name} ({len(buckets)}) | {limit} | {asked:,} | {told} | {refused} |"
    yield ""
    used = Counter(name.split("-")[0] for name in week.tokens)
    yield "Credentials: " + ", ".join(f"{name} {count}" for name, count in used.items()) + "."
    yield ""


def _times(judgement: Judgement) -> Iterator[str]:
    yield "## Freshness"
    yield ""
    yield "Time between two readings of an account; age of a new post when first seen; distance "
    yield "of the reading of the seventh day from seven days; time from a deletion or a rename to "
    yield "its event. An Instagram account that changes its name is unknown to the network until "
    yield "its new name is registered: posts of that time are seen later, and are no exception."
    yield ""
    yield "| network | kind | number | p50 | p99 | longest | target |"
    yield "|---|---|---|---|---|---|---|"
    groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for gap in judgement.gaps:
        groups[gap.kind, gap.network].append(gap.seconds)
    for (kind, network), values in sorted(groups.items()):
        values.sort()
        freshness = BY_SLUG[network].freshness
        targets = {"profile": freshness.profile, "posts": freshness.posts,
                   "new post": freshness.posts, "seventh day": DAY}  # fmt: skip
        target = f"{targets[kind] // HOUR} h" if kind in targets else "–"
        middle, high = values[len(values) // 2], values[len(values) * 99 // 100]
        told = " | ".join(f"{value / HOUR:.1f} h" for value in (middle, high, values[-1]))
        yield f"| {network} | {kind} | {len(values):,} | {told} | {target} |"
    yield ""


def _faults(week: Week) -> Iterator[str]:
    yield "## Faults, and how the jobs that they struck ended"
    yield ""
    yield "| fault | struck | ended |"
    yield "|---|---|---|"
    ends: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (kind, _, cause), count in week.line.struck.items():
        ends[kind][cause] += count
    for kind, struck in sorted(week.line.networks.faults.struck.items()):
        told = ", ".join(f"{cause} {count:,}" for cause, count in ends[kind].most_common())
        yield f"| {kind} | {struck:,} | {told} |"
    yield ""


def main() -> None:
    """Collect, judge, write; ends with 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--territories", type=int, default=750)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--problems", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            week, problems = asyncio.run(whole_week(chosen.territories, chosen.days, broker.url))
        finally:
            broker.stop()
    page = "\n".join(tables(week, problems)) + "\n"
    sys.stdout.write(page)
    if chosen.write:
        chosen.write.write_text(page, encoding="utf-8")
    for claim, found in problems.items():
        for text in found[: chosen.problems]:
            sys.stderr.write(f"{claim}: {text}\n")
    sys.exit(1 if any(problems.values()) else 0)


if __name__ == "__main__":
    main()
