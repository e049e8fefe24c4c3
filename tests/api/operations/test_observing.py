"""What the api asks of broker, engine and outbox for all, and what it says of its own requests."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from services.api.operations.broker import Backlog, BrokerUnavailable, Group
from services.api.operations.observing import Observing, Seen
from tests.api.world import NOW

PLACE = TopicPartition("simulation.posts.observed.v1", 0)


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"observatoire_{name}", labels)


def test_what_is_unread_is_as_old_as_the_look_that_first_saw_it():
    seen = Seen()
    for moment, end in ((0.0, 10), (15.0, 10), (30.0, 25), (45.0, 25)):
        seen.look({PLACE: end}, moment)
    assert seen.age(PLACE, 5, 45.0) == 45.0
    assert seen.age(PLACE, 10, 45.0) == 15.0
    assert seen.age(PLACE, 25, 45.0) == 0.0


class Asked:
    """A broker that answers in turn what a test says."""

    def __init__(self, *answers: Backlog | BrokerUnavailable) -> None:
        self._answers = list(answers)

    async def backlog(self, _: str) -> Backlog:
        answer = self._answers.pop(0)
        if isinstance(answer, BrokerUnavailable):
            raise answer
        return answer


class Unread:
    """Figures that have nothing."""

    async def read(self, *_: object, **__: str) -> list[object]:
        return []


def behind(committed: int, end: int) -> Backlog:
    places = {PLACE: (committed, end)}
    group = Group("simulation.scorer", "Stable", 1, end - committed, (PLACE.topic,), places)
    return Backlog((group,), 4)


async def test_each_group_has_a_lag_in_records_and_seconds_and_an_absence_is_told_by_age():
    moments = iter((0.0, 60.0))
    asked = Asked(behind(10, 10), behind(10, 40), BrokerUnavailable("away"))
    clock = SimpleNamespace(now=lambda: NOW)
    observing = Observing("simulation", asked, Unread(), None, clock, timer=lambda: next(moments))
    await observing.look()
    assert value("group_lag_seconds", group="scorer") == 0
    await observing.look()
    assert value("group_lag_records", group="scorer") == 30
    assert value("group_lag_seconds", group="scorer") == 0  # seen just now
    assert value("group_members", group="scorer") == 1
    assert value("dead_letters_records") == 4
    looked = value("looked_timestamp_seconds", of="broker")
    await observing.look()
    assert value("looked_timestamp_seconds", of="broker") == looked
    assert (value("looked_timestamp_seconds", of="engine") or 0) >= (looked or 0)


@pytest.mark.parametrize(
    ("address", "route", "status"),
    [
        ("/api/v1/territories/00101", "/api/v1/territories/{code}", "200"),
        ("/palmares", "/palmares", "200"),
        ("/static/portail.css", "/static", "200"),
        ("/n-importe/quoi/12345", "(none)", "404"),
    ],
)
async def test_requests_are_counted_by_route_never_by_address(portal, address, route, status):
    answer = await portal.get(address)
    assert answer.status_code == int(status)
    assert value("http_requests_total", route=route, method="GET", status=status)
    assert value("http_request_seconds_count", route=route)


async def test_methods_that_there_are_not_are_counted_as_one(portal):
    """Each word that a visitor sent was a series of its own, for as long as the process ran."""
    for number in range(3):
        await portal.request(f"BREW-{number}", "/palmares")
    methods = [
        sample.labels["method"]
        for one in REGISTRY.collect()
        for sample in one.samples
        if sample.name == "observatoire_http_requests_total"
    ]
    assert "(other)" in methods
    assert not [method for method in methods if method.startswith("BREW")]
