"""kill -9 of the scorer at random moments of a replay: no figure differs, nothing is lost."""

import asyncio
import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from random import Random

import pytest

from contracts.accounts import AccountObserved
from contracts.posts import PostObserved
from contracts.topics import ACCOUNTS_OBSERVED, POSTS_OBSERVED
from tests.benchmarks.load import bad, post
from tests.deadlines import until_found
from tests.events import samples
from tests.scorer.conftest import Line

KILLS = 10
SEED = 20261124


class Scorers:
    """Scorers of a line, one at a time, each with batches of its own size."""

    def __init__(self, forker: "subprocess.Popen[str]", chance: Random) -> None:
        self._forker = forker
        self._chance = chance
        self._pid = 0

    def start(self) -> None:
        """Start one; what it reads together, and inserts together, is cut as none before it."""
        assert self._forker.stdin
        assert self._forker.stdout
        batch = self._chance.randint(200, 2_500)
        self._forker.stdin.write(f"{batch} {self._chance.randint(50, batch)}\n")
        self._forker.stdin.flush()
        self._pid = int(self._forker.stdout.readline())

    def kill(self) -> None:
        """End it at once: no word, no commit, no leave of the group."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


@contextmanager
def scorers(line: Line, chance: Random) -> Iterator[Scorers]:
    """Open what starts scorers; nothing of it is left at the end."""
    environment = os.environ | {
        "OBSERVATOIRE_INSTALLATION": "simulation",
        "KAFKA_URL": line.kafka_url,
        "CLICKHOUSE_URL": line.clickhouse_url,
        "OBSERVATOIRE_TOPIC_NAMESPACE": line.namespace,
        "OBSERVATOIRE_DATABASE_NAME": line.database,
        # The next of this name takes the place of the one that was killed.
        "OBSERVATOIRE_INSTANCE": "scorer-0",
    }
    forker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.scorer.forker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        yield Scorers(forker, chance)
    finally:
        os.killpg(forker.pid, signal.SIGKILL)
        forker.wait()


def month() -> tuple[list[bytes], list[bytes]]:
    """Posts (one in a hundred bad, one in ten read twice at its slot) and accounts of a month."""
    posts: list[bytes] = []
    for number in range(18_000):
        posts.append(bad(number) if number % 100 == 99 else post(number))
        if number % 10 == 0:
            read = PostObserved.read(post(number))
            later = read.observed_at + timedelta(minutes=5)
            again = read.model_copy(update={"observed_at": later, "likes": number + 7})
            posts.append(again.encode())
    sample = AccountObserved.read(samples(ACCOUNTS_OBSERVED)[0])
    accounts = [
        sample.model_copy(
            update={"event_id": f"a{number}", "account": f"a{number}", "followers": number}
        ).encode()
        for number in range(4_000)
    ]
    return posts, accounts


async def rows(line: Line) -> int:
    """How many rows were ever stored, repeats included."""
    answer = await line.engine.query(
        "SELECT (SELECT count() FROM post_observations)"
        " + (SELECT count() FROM account_observations)"
    )
    return int(answer.result_rows[0][0])


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.engine
@pytest.mark.timeout(240)
async def test_killed_ten_times_in_a_replay_no_figure_differs(line):
    chance = Random(SEED)
    posts, accounts = month()
    await line.publish(POSTS_OBSERVED, posts)
    await line.publish(ACCOUNTS_OBSERVED, accounts)
    await line.engine.command("SYSTEM STOP MERGES post_observations")
    await line.engine.command("SYSTEM STOP MERGES account_observations")

    with scorers(line, chance) as running:
        async with asyncio.timeout(150):
            for _ in range(KILLS):
                wanted = await rows(line) + chance.randint(1, 1_900)
                running.start()
                await until_found(lambda: rows(line), lambda found, wanted=wanted: found >= wanted)
                running.kill()
            committed, published = await line.offsets()
            assert committed < published, "the replay was over before the last kill"
            running.start()
            await until_found(line.offsets, lambda offsets: offsets[0] >= offsets[1])

    good = [PostObserved.read(value) for value in posts if value[:1] == b"{" and _is_good(value)]
    latest: dict[tuple[object, ...], PostObserved] = {}
    for event in good:
        key = (event.account, event.post, event.slot)
        if key not in latest or latest[key].observed_at <= event.observed_at:
            latest[key] = event
    stored = await line.stored(POSTS_OBSERVED.name)
    assert len(stored) == len(latest)
    assert {(event.account, event.post, event.slot): event for event in stored} == latest
    stored_accounts = {event.encode() for event in await line.stored(ACCOUNTS_OBSERVED.name)}
    assert stored_accounts == set(accounts)
    letters = await line.letters()
    assert sorted(base64.b64decode(letter.value) for letter in letters) == sorted(
        value for value in posts if not _is_good(value)
    )
    assert await rows(line) > len(good) + len(accounts), "no batch came twice: nothing was shown"


def _is_good(value: bytes) -> bool:
    return value not in _BAD


_BAD = {bad(number) for number in range(99, 18_000, 100)}
