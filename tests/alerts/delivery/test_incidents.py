"""What waits for an update of an event, and what becomes of it when somebody else takes over."""

import asyncio

from contracts.alerts import AlertRaised
from libs.clock import SteppedClock
from libs.deciding.grouping import OPEN, Incident, Message
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.incidents import Incidents, Open
from tests.alerts.builders import NOW, raised
from tests.deadlines import until

ADDRESS = "mailto:astreinte@essai-sur-onde.example"


def alert(name: str, matches: int) -> AlertRaised:
    return raised(matches).model_copy(update={"alert": name, "raised_at": NOW})


def delivery(told: AlertRaised) -> Delivery:
    return Delivery(
        id=told.alert, message=told.alert, watch="w1", address=ADDRESS, origin="simulation",
        alert=told,
    )  # fmt: skip


class Told:
    """Keeps the updates that were told, all of which are accepted."""

    def __init__(self) -> None:
        self.updates: list[tuple[list[str], int | None]] = []

    async def __call__(
        self, deliveries: list[Delivery], message: Message | None, incident: Incident
    ) -> None:
        total = message.told.total if message else None
        self.updates.append(([one.id for one in deliveries], total))
        if message:
            incident.accepted(message, NOW)


def begun(incidents: Incidents, told: AlertRaised) -> Open | None:
    return incidents.begin(delivery(told), told)


def told_first(incidents: Incidents, told: AlertRaised) -> None:
    opened = begun(incidents, told)
    assert opened
    opened.incident.accepted(Message.of(told), NOW)
    opened.begun.set()


async def test_an_update_is_told_when_the_half_hour_ends() -> None:
    clock, told = SteppedClock(NOW), Told()
    incidents = Incidents(clock, told)
    told_first(incidents, alert("a1", 1))
    assert begun(incidents, alert("a2", 3)) is None
    assert begun(incidents, alert("a3", 1)) is None
    await until(lambda: clock.next_due is not None)
    clock.step_to(NOW + OPEN)
    await until(lambda: told.updates == [(["a2", "a3"], 2)])


async def test_what_is_held_is_given_back_when_somebody_else_takes_over() -> None:
    told = Told()
    incidents = Incidents(SteppedClock(NOW), told)
    told_first(incidents, alert("a1", 1))
    assert begun(incidents, alert("a2", 3)) is None
    assert [one.id for one in incidents.clear()] == ["a2"]
    assert told.updates == []
    assert begun(incidents, alert("a2", 3)), "read again, it is told"
    incidents.clear()


async def test_a_first_message_that_was_not_logged_keeps_no_later_one_waiting() -> None:
    incidents = Incidents(SteppedClock(NOW), Told())

    async def breaks() -> None:
        raise RuntimeError("a bug")

    opened = begun(incidents, alert("a1", 1))
    assert opened
    telling = asyncio.create_task(breaks())
    await asyncio.wait({telling})
    incidents.begun(opened, telling)
    assert begun(incidents, alert("a2", 1))
    incidents.clear()
