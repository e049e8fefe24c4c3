"""Every reader of every topic is fed records that nobody honest writes (tests/everybody.py).

In memory some thousands at each run, of a seed that a failure names; on the real broker as many
(`make proof`), or as many as the machine has time for (`python -m tests.chaos.hostile`).
"""

import pytest
from aiokafka import AIOKafkaProducer

from libs.wire.provision import create_topics
from tests.everybody import FED, InMemory, OnBroker, run

EACH = 250
"""Records of each topic, in memory: fewer bad ones a reader than stop it."""

EACH_ON_THE_BROKER = 300


@pytest.mark.parametrize("seed", [20261124, pytest.param(20261125, marks=pytest.mark.proof)])
async def test_nothing_that_stands_in_a_topic_stops_a_reader(seed, catchers):
    await run(InMemory(), EACH, seed, catchers, 90)


@pytest.mark.proof
@pytest.mark.broker
@pytest.mark.timeout(600)
async def test_nor_on_the_real_broker(kafka_url, catchers):
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url, max_request_size=2**21)
    await producer.start()
    bench = OnBroker(kafka_url, producer)
    await create_topics(kafka_url, bench.namespace)
    await bench.start()
    try:
        assert len(FED) * EACH_ON_THE_BROKER > 5_000
        await run(bench, EACH_ON_THE_BROKER, 20261126, catchers, 120)
    finally:
        await bench.stop()
        await producer.stop()
