"""The way back of dead letters: it counts, gives up, and loses nothing that comes meanwhile."""

import asyncio
from collections import Counter

import pytest
from aiokafka import TopicPartition
from click.testing import CliRunner

from contracts.dead_letters import MOST_REPLAYS
from contracts.topics import ACCOUNTS_OBSERVED, DEAD_LETTERS, POSTS_OBSERVED
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.scorer.dead_letter_commands import dead_letters
from services.scorer.intake.replay import DeadLetters
from tests.benchmarks.load import bad, post
from tests.deadlines import until_found
from tests.scorer.conftest import Line
from tests.suites.memory import MemoryRecord

BAD = 5


async def letters_become(line: Line, count: int) -> None:
    """Wait until so many letters are kept."""
    await until_found(line.letters, lambda letters: len(letters) >= count)


@pytest.mark.broker
@pytest.mark.engine
async def test_a_letter_comes_back_twice_then_is_given_up(line, reading):
    spoilt = [bad(number) for number in range(99, 100 * BAD, 100)]
    await line.publish(POSTS_OBSERVED, [*map(post, range(40)), *spoilt])
    await reading()
    await letters_become(line, BAD)
    letters = DeadLetters(line.kafka_url, line.namespace)
    origin = POSTS_OBSERVED.on(line.namespace)

    would = await letters.replay(dry_run=True)
    assert would.replayed == Counter({origin: BAD})
    for back in range(1, MOST_REPLAYS + 1):
        done = await letters.replay()
        assert done.replayed == Counter({origin: BAD}), f"way back {back}"
        assert not done.given_up
        await letters_become(line, BAD * (back + 1))
        newest = [each for each in await line.letters() if each.replays == back]
        assert sorted(each.record for each in newest) == sorted(spoilt)
    done = await letters.replay()
    assert not done.replayed
    assert done.given_up == Counter({origin: BAD})
    nothing = await letters.replay()
    assert not nothing.replayed
    assert not nothing.given_up

    listed = [letter async for letter in letters.list()]
    assert Counter(letter.replays for letter in listed) == Counter({0: BAD, 1: BAD, 2: BAD})


@pytest.mark.broker
@pytest.mark.engine
async def test_a_letter_that_was_mended_arrives(line, reading):
    """What a reader refused wrongly is stored once the reader is mended and the letter replayed."""
    wire = line.wire()
    await wire.start()
    await line.publish(POSTS_OBSERVED, [post(7)])

    refused = MemoryRecord(0, 0, b"acc", post(8))
    place = TopicPartition(POSTS_OBSERVED.on(line.namespace), 0)
    await wire.dead_letters([(place, refused, "a reader that was wrong")], "scorer")
    await wire.stop()
    await DeadLetters(line.kafka_url, line.namespace, POSTS_OBSERVED.name).replay()
    await reading()
    stored = await until_found(
        lambda: line.stored(POSTS_OBSERVED.name), lambda events: len(events) >= 2
    )
    assert {event.encode() for event in stored} == {post(7), post(8)}


@pytest.mark.broker
async def test_one_topic_and_then_all_give_each_letter_back_once(kafka_url, topic_prefix):
    namespace = f"{topic_prefix}once"
    await create_topics(kafka_url, namespace, [POSTS_OBSERVED, ACCOUNTS_OBSERVED, DEAD_LETTERS])
    wire = Wire(kafka_url, "simulation", namespace=namespace)
    await wire.start()
    posts, accounts = (topic.on(namespace) for topic in (POSTS_OBSERVED, ACCOUNTS_OBSERVED))
    bad = [
        (TopicPartition(name, 0), MemoryRecord(at, 0, b"acc", b"{"), "bad")
        for name in (posts, accounts)
        for at in range(3)
    ]
    await wire.dead_letters(bad, "scorer")
    await wire.dead_letters(bad, "alerts-deletions")  # two readers refuse the same
    await wire.stop()
    one = await DeadLetters(kafka_url, namespace, POSTS_OBSERVED.name).replay()
    everything = await DeadLetters(kafka_url, namespace).replay()
    again = await DeadLetters(kafka_url, namespace, ACCOUNTS_OBSERVED.name).replay()
    assert one.replayed == Counter({posts: 3})
    assert everything.replayed == Counter({accounts: 3})
    assert not again.replayed


@pytest.mark.broker
@pytest.mark.engine
@pytest.mark.parametrize("sizes", [(1_048_500, 3_400_000, 1_000), (1_000, 1_048_500, 3_400_000)])
async def test_what_is_too_large_to_give_back_holds_up_no_other(line, sizes):
    """Larger than the broker takes with the count of its returns, or kept in part only.

    One that the broker itself refuses leaves a hole in what the producer numbers: after a record
    that was taken, the broker refused all that followed in the partition, at each run anew.
    """
    origin = POSTS_OBSERVED.on(line.namespace)
    sizes = (*sizes, 1_000)
    bad = [
        (TopicPartition(origin, 0), MemoryRecord(at, 0, b"acc", b"x" * size), "bad")
        for at, size in enumerate(sizes)
    ]
    wire = line.wire()
    await wire.start()
    await wire.dead_letters(bad, "scorer")
    await wire.stop()
    done = await DeadLetters(line.kafka_url, line.namespace).replay()
    assert (done.replayed, done.given_up) == (Counter({origin: 2}), Counter({origin: 2}))


@pytest.mark.broker
@pytest.mark.engine
async def test_the_commands_say_what_they_found(line, reading):
    await line.publish(POSTS_OBSERVED, [*map(post, range(9)), bad(99)])
    await reading()
    await letters_become(line, 1)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(
            dead_letters,
            arguments,
            env={
                "OBSERVATOIRE_INSTALLATION": "simulation",
                "KAFKA_URL": line.kafka_url,
                "OBSERVATOIRE_TOPIC_NAMESPACE": line.namespace,
            },
            catch_exceptions=False,
        )
        return result.output

    listed = await asyncio.to_thread(run, "list")
    assert "likes: Input should be a valid integer" in listed
    assert listed.endswith("1 records refused: 1 dead letters, one a reader\n")
    assert "1 would be replayed" in await asyncio.to_thread(run, "replay", "--dry-run")
    assert "1 replayed, 0 given up" in await asyncio.to_thread(run, "replay")
    await letters_become(line, 2)
    place = listed.splitlines()[0].split()[2]
    assert '"likes"' in await asyncio.to_thread(run, "show", place)
    assert "no dead letter" in await asyncio.to_thread(run, "show", f"{place}9")
    assert (await asyncio.to_thread(run, "drop", "--yes")).endswith("2 records dropped\n")
    assert (
        await asyncio.to_thread(run, "list") == "0 records refused: 0 dead letters, one a reader\n"
    )
    assert (await asyncio.to_thread(run, "drop", "--yes")).endswith("0 records dropped\n")
