"""What may be committed, who is to be told, and that every channel has its file."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, cast

import httpx
import pytest
from aiokafka.errors import KafkaError
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from contracts.alerts import Silence
from contracts.channels import BY_SCHEME
from contracts.watches import Mute, Recipient, Watched
from libs.clock import SteppedClock
from libs.sealing import Keys
from libs.wire.offsets import Watermark
from libs.wire.work import Later
from services.alerts.deciding.known import Known
from services.alerts.deciding.watches import Watches, warn_of_unreached
from services.alerts.delivery.channel import GuardedChannel, Outside, open_channels
from services.alerts.delivery.deliveries import AlertDeliveries
from tests.alerts.builders import NOW, raised, telling, watched

MAIL = "mailto:astreinte@essai-sur-onde.example"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1), st.data())
def test_nothing_undone_is_ever_committed(records, data):
    """Records of four partitions with so many tasks; tasks end in any order."""
    mark: Watermark[int] = Watermark()
    left: dict[tuple[int, int], int] = {}
    ends: dict[int, int] = {}
    for partition, tasks in records:
        offset = ends.get(partition, 100)
        mark.add(partition, offset, tasks)
        left[partition, offset] = tasks
        ends[partition] = offset + 1
    while any(left.values()):
        partition, offset = data.draw(st.sampled_from([k for k, n in left.items() if n]))
        left[partition, offset] -= 1
        mark.done(partition, offset)
        for number, position in mark.positions().items():
            undone = [o for (p, o), n in left.items() if p == number and n]
            assert position == min(undone, default=ends[number])
    assert mark.positions() == ends


def test_a_partition_that_was_given_up_counts_for_nothing():
    mark: Watermark[str] = Watermark()
    mark.add("p", 7, 1)
    mark.clear()
    mark.done("p", 7)
    assert mark.positions() == {}


class Told:
    """A channel that keeps whom it told."""

    scheme: ClassVar[str] = "mailto"


async def deliveries(watch: Watched | None, **fields: Any) -> list[Silence | None]:
    watches = Watches({watch.watch: watch} if watch else {})
    known = Known(SteppedClock(NOW), watches)
    make = AlertDeliveries(cast(GuardedChannel, Told()), known, "https://portail.example", Keys())
    alert = raised(1).model_copy(update=fields)
    return [delivery.silence for delivery in await make(alert)]


@pytest.mark.parametrize(
    ("watch", "told"),
    [
        (watched(), [None]),
        (watched(recipients=()), []),
        (watched(recipients=(Recipient(address=MAIL),)), [Silence.UNCONFIRMED]),
        (watched(recipients=(Recipient(address="slack://T/B/X", confirmed=True),)), []),
        (
            watched(recipients=(Recipient(address=MAIL, confirmed=True, at_once=False),)),
            [Silence.DIGEST],
        ),
        (watched(state="paused"), [Silence.PAUSED]),
        (watched(state="ended"), [Silence.ENDED]),
    ],
)
async def test_who_is_told(watch, told):
    assert await deliveries(watch) == told


async def test_old_alerts_of_a_replay_are_told_to_nobody():
    assert await deliveries(watched(), raised_at=NOW - timedelta(hours=49)) == [Silence.STALE]


def test_every_channel_of_the_registry_has_its_file_and_every_file_its_line():
    import services.alerts.channels as package

    files = {path.stem for path in Path(package.__path__[0]).glob("[a-z]*.py")}
    assert files == set(BY_SCHEME), (
        "services/alerts/channels has one file for each line of contracts/channels, of the name "
        "of its scheme; see docs/adding.md"
    )
    opened = open_channels(Outside(httpx.AsyncClient(), "a@b.fr"))
    for scheme, channel in opened.items():
        assert channel.scheme == scheme
        channel.check(BY_SCHEME[scheme].example)


async def test_alerts_of_unknown_watches_ask_once_for_all_that_was_read():
    """Each asked by itself: a thousand took half a minute, in which nobody was told anything."""
    asked = 0

    async def catch_up() -> None:
        nonlocal asked
        asked += 1

    known = Known(SteppedClock(NOW), Watches({}, catch_up))
    make = AlertDeliveries(cast(GuardedChannel, Told()), known, "https://portail.example", Keys())
    read_at = asyncio.get_running_loop().time()
    for number in range(100):
        alert = raised(1).model_copy(update={"watch": f"nobody-{number}"})
        assert await make(alert, read_at) == []
    assert asked == 1
    await make(raised(1).model_copy(update={"watch": "later"}), asyncio.get_running_loop().time())
    assert asked == 2


async def test_an_alert_waits_for_watches_that_cannot_be_read():
    """It was dropped without a line, as that of a watch that never was."""
    rows: dict[str, Watched] = {}
    away = True

    async def catch_up() -> None:
        if away:
            raise KafkaError("away")
        rows["w1"] = watched()

    watches = Watches(rows, catch_up)
    known = Known(SteppedClock(NOW), watches)
    make = AlertDeliveries(cast(GuardedChannel, Told()), known, "https://portail.example", Keys())
    for _ in range(2):
        with pytest.raises(Later):
            await make(raised(1))
        assert await watches.expect("w1") is None, "who decides holds up no other watch"
    away = False
    assert [delivery.silence for delivery in await make(raised(1))] == [None]
    nobody = raised(1).model_copy(update={"watch": "nobody"})
    with capture_logs() as lines:
        assert await make(nobody) == []
    assert [line["watch"] for line in lines] == ["nobody"]


@pytest.mark.parametrize(("state", "told"), [("active", [{"pigeon": 2}]), ("ended", [])])
def test_recipients_of_a_channel_that_is_no_more_are_told_to_the_operator(state, told):
    addresses = ("pigeon://a", "pigeon://b", "mailto:anne@essai.example")
    recipients = tuple(Recipient(address=one) for one in addresses)
    with capture_logs() as lines:
        warn_of_unreached(watched(state=state, recipients=recipients))
    assert [line["channels"] for line in lines] == told


async def test_a_mute_holds_for_the_update_of_what_was_told_before_it():
    rows = {"w1": watched()}
    known = Known(SteppedClock(NOW), Watches(rows))
    make = AlertDeliveries(cast(GuardedChannel, Told()), known, "https://portail.example", Keys())
    (delivery,) = await make(raised(1))
    assert (delivery.silence, delivery.silenced(raised(9))) == (None, None)
    mute = Mute(since=NOW, until=NOW + timedelta(hours=1))
    (one,) = rows["w1"].recipients
    rows["w1"] = watched(recipients=(one.model_copy(update={"mute": mute}),))
    assert delivery.silenced(raised(9)) is Silence.MUTED
    rows["w1"] = watched(recipients=(one.model_copy(update={"at_once": False}),))
    assert delivery.silenced(raised(9)) is None, "what was begun for somebody is told to them"


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../Paris", "Europe", "Europe/Paris\0", "é" * 64])
async def test_a_zone_that_this_machine_does_not_know_keeps_no_alert_from_being_told(zone):
    """It ended the reading of alerts, and the partition waited until the record was given up."""
    watch = watched(timezone=zone)
    assert await deliveries(watch) == [None]
    assert telling(MAIL, watch=watch).lines[0].times
