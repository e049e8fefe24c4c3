"""What waits for an update of an event, and what becomes of it when somebody else takes over."""

from typing import Any

from contracts.alerts import AlertRaised
from libs.clock import SteppedClock
from libs.deciding.grouping import OPEN, Affair
from services.alerts.delivery.affairs import Affairs
from services.alerts.delivery.errands import Errand
from tests.alerts.builders import NOW, raised
from tests.deadlines import until

ADDRESS = "mailto:astreinte@essai-sur-onde.example"


def alert(name: str, matches: int) -> AlertRaised:
    return raised(matches).model_copy(update={"alert": name, "raised_at": NOW})


def errand(told: AlertRaised) -> Errand:
    async def send() -> None:
        return None

    return Errand(
        delivery=told.alert, message=told.alert, watch="w1", address=ADDRESS, origin="simulation",
        send=send, alert=told,
    )  # fmt: skip


class Told:
    """Keeps the updates that were told."""

    def __init__(self) -> None:
        self.updates: list[tuple[list[str], int | None]] = []

    async def __call__(
        self, errands: list[Errand], told: AlertRaised | None, affair: Affair
    ) -> None:
        self.updates.append(([one.delivery for one in errands], told and told.total))


def begun(affairs: Affairs, told: AlertRaised, done: list[str]) -> Any:
    return affairs.begin(errand(told), told, lambda: done.append(told.alert))


async def test_an_update_is_told_when_the_half_hour_ends_and_all_is_released() -> None:
    clock, told, done = SteppedClock(NOW), Told(), list[str]()
    affairs = Affairs(clock, told)
    begun(affairs, alert("a1", 1), done).told.set()
    assert begun(affairs, alert("a2", 3), done) is None
    assert begun(affairs, alert("a3", 1), done) is None
    await until(lambda: clock.next_due is not None)
    clock.step_to(NOW + OPEN)
    await until(lambda: done == ["a1", "a2", "a3"])
    assert told.updates == [(["a2", "a3"], 2)]


async def test_what_is_held_is_given_back_when_somebody_else_takes_over() -> None:
    told, done = Told(), list[str]()
    affairs = Affairs(SteppedClock(NOW), told)
    begun(affairs, alert("a1", 1), done).told.set()
    assert begun(affairs, alert("a2", 3), done) is None
    assert [one.delivery for one in affairs.clear()] == ["a2"]
    assert (told.updates, done) == ([], [])
    assert begun(affairs, alert("a2", 3), done), "read again, it is told"
    affairs.clear()


async def test_what_the_log_knows_opens_its_event_again() -> None:
    clock, told, done = SteppedClock(NOW), Told(), list[str]()
    affairs = Affairs(clock, told)
    affairs.recall(ADDRESS, alert("a1", 1), lambda: done.append("a1"))
    assert begun(affairs, alert("a2", 1), done) is None
    await until(lambda: told.updates == [(["a2"], None)])
    affairs.clear()
