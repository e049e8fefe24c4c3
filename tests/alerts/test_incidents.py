"""What waits for an update of an event, and what becomes of it when somebody else takes over."""

from typing import Any

from contracts.alerts import AlertRaised
from libs.clock import SteppedClock
from libs.deciding.grouping import OPEN, Incident
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.incidents import Incidents
from tests.alerts.builders import NOW, raised
from tests.deadlines import until

ADDRESS = "mailto:astreinte@essai-sur-onde.example"


def alert(name: str, matches: int) -> AlertRaised:
    return raised(matches).model_copy(update={"alert": name, "raised_at": NOW})


def delivery(told: AlertRaised) -> Delivery:
    async def send() -> None:
        return None

    return Delivery(
        id=told.alert, message=told.alert, watch="w1", address=ADDRESS, origin="simulation",
        send=send, alert=told,
    )  # fmt: skip


class Told:
    """Keeps the updates that were told."""

    def __init__(self) -> None:
        self.updates: list[tuple[list[str], int | None]] = []

    async def __call__(
        self, deliveries: list[Delivery], told: AlertRaised | None, incident: Incident
    ) -> None:
        self.updates.append(([one.id for one in deliveries], told and told.total))


def begun(incidents: Incidents, told: AlertRaised, done: list[str]) -> Any:
    return incidents.begin(delivery(told), told, lambda: done.append(told.alert))


async def test_an_update_is_told_when_the_half_hour_ends_and_all_is_released() -> None:
    clock, told, done = SteppedClock(NOW), Told(), list[str]()
    incidents = Incidents(clock, told)
    begun(incidents, alert("a1", 1), done).told.set()
    assert begun(incidents, alert("a2", 3), done) is None
    assert begun(incidents, alert("a3", 1), done) is None
    await until(lambda: clock.next_due is not None)
    clock.step_to(NOW + OPEN)
    await until(lambda: done == ["a1", "a2", "a3"])
    assert told.updates == [(["a2", "a3"], 2)]


async def test_what_is_held_is_given_back_when_somebody_else_takes_over() -> None:
    told, done = Told(), list[str]()
    incidents = Incidents(SteppedClock(NOW), told)
    begun(incidents, alert("a1", 1), done).told.set()
    assert begun(incidents, alert("a2", 3), done) is None
    assert [one.id for one in incidents.clear()] == ["a2"]
    assert (told.updates, done) == ([], [])
    assert begun(incidents, alert("a2", 3), done), "read again, it is told"
    incidents.clear()


async def test_what_the_log_knows_opens_its_event_again() -> None:
    clock, told, done = SteppedClock(NOW), Told(), list[str]()
    incidents = Incidents(clock, told)
    incidents.recall(ADDRESS, alert("a1", 1), lambda: done.append("a1"))
    assert begun(incidents, alert("a2", 1), done) is None
    await until(lambda: told.updates == [(["a2"], None)])
    incidents.clear()
