"""What a message says is written before it is handed over: who begins again hands over the same.

Were it composed anew after a kill, what has come since would be in it, alerts would be read in
another order, and what was accepted and not logged be repeated as another message.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import partial

import structlog
from aiokafka.errors import KafkaError

from contracts.alerts import AlertComposed
from contracts.event import hashed_id
from contracts.topics import ALERTS_COMPOSED
from contracts.watches import recipient_name
from libs.clock import Clock
from libs.deciding.grouping import Incident, Message, update_id
from libs.wire.wire import Wire
from libs.wire.work import until_done
from services.alerts.delivery.channel import TryLater
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.journal import Journal

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=2)
"""How long another instance is waited for, that has read an alert of the message and not logged it.

It has gone where the watch of that alert has, or is still trying: the message is then taken over.
Longer than one attempt takes, and what was read of the log may be old.
"""

LOOK_EVERY, READ_EVERY = 0.5, timedelta(seconds=5)


class Composer:
    """Composes the messages of one channel, and knows those that were composed before."""

    def __init__(self, wire: Wire, journal: Journal, clock: Clock, scheme: str) -> None:
        self._wire = wire
        self._journal = journal
        self._clock = clock
        self._scheme = scheme
        self._reading = asyncio.Lock()
        self._read_at: datetime | None = None
        self._was_read = True

    async def compose(
        self, deliveries: Sequence[Delivery], message: Message, incident: Incident
    ) -> AlertComposed:
        """Write what is about to be handed over; the first that is told begins the thread."""
        first, told = deliveries[0], message.told
        alerts = [one.alert for one in deliveries if one.alert]
        name = incident.thread
        if first.message != name:
            name = update_id(incident.thread, alerts)
        if not incident.total:
            incident.thread = name
        bearing = [one.id for one in deliveries if one.alert and one.alert.alert == told.alert]
        recipient = recipient_name(first.address)
        composed = AlertComposed(
            event_id=hashed_id("composed", name, recipient),
            origin=first.origin,
            message=name,
            thread=incident.thread,
            channel=self._scheme,
            recipient=recipient,
            deliveries=tuple(dict.fromkeys([*bearing, *(one.id for one in deliveries)])),
            subjects=tuple(sorted(message.subjects)),
            told=told,
            composed_at=self._clock.now(),
        )
        await until_done(lambda: self._wire.publish(ALERTS_COMPOSED, composed))
        return composed

    def open_incidents(self) -> list[tuple[Incident, list[AlertComposed]]]:
        """Return the incidents that are open by the messages composed, and these, in order."""
        threads: defaultdict[tuple[str, str], list[AlertComposed]] = defaultdict(list)
        for one in self._journal.all_composed():
            if one.channel == self._scheme:
                threads[one.recipient, one.thread].append(one)
        now = self._clock.now()
        opened = ((Incident.again(composed), composed) for composed in threads.values())
        return [(incident, composed) for incident, composed in opened if now < incident.ends_at]

    async def accepted(
        self,
        composed: AlertComposed,
        of: Callable[[], Collection[str]],
        under_way: AbstractSet[str],
        patience: timedelta | None = PATIENCE,
    ) -> bool:
        """Tell whether a message was accepted, once some of its deliveries are logged.

        They are carried here, where they are `under_way`, else by another instance, which is waited
        for so long; without end where None.
        """
        until = self._clock.now() + patience if patience else None
        while not self._journal.accepted(composed) and not self._journal.logged(of()):
            here = not under_way.isdisjoint(of())
            if not here and until and self._clock.now() >= until:
                log.warning("nobody logs what was composed", message=composed.message)
                break
            await self._clock.sleep(LOOK_EVERY)
            if not here:
                await self._read_again()
        return self._journal.accepted(composed)

    async def accepted_or_ours(
        self,
        composed: AlertComposed,
        delivery: str,
        under_way: AbstractSet[str],
        patience: timedelta | None,
    ) -> bool:
        """Tell whether a message was accepted; else it is for this delivery to hand it over.

        Who waited in vain writes that it takes the message over, and waits as long again: who had
        it looks before each attempt (`ours`), and hands it over no more.
        """
        before = partial(self._before, composed, delivery)
        if await self.accepted(composed, before, under_way, patience):
            return True
        if self._journal.logged(before()):
            return False
        now = self._journal.composed(delivery) or composed
        order = tuple(dict.fromkeys((delivery, *now.deliveries)))
        taken = now.model_copy(update={"deliveries": order})
        log.info("taken over", message=composed.message)
        left = [one for one in before() if one not in under_way]
        await until_done(lambda: self._wire.publish(ALERTS_COMPOSED, taken))
        return await self.accepted(composed, lambda: left, under_way)

    async def ours(
        self, composed: AlertComposed, delivery: str, under_way: AbstractSet[str]
    ) -> bool:
        """Tell whether a message is still for this delivery to hand over, and nobody else did.

        Raises `TryLater` where the log cannot be read: it might be another's by now.
        """
        others = [one for one in composed.deliveries if one != delivery and one not in under_way]
        if not self._journal.logged(others) and not await self._read_again():
            raise TryLater("log not read", ours=True)
        before = self._before(composed, delivery)
        return not self._journal.accepted(composed) and self._journal.logged(before)

    def _before(self, composed: AlertComposed, delivery: str) -> Sequence[str]:
        """Return the deliveries that hand a message over sooner than one, as was written last."""
        order = (self._journal.composed(delivery) or composed).deliveries
        return order[: order.index(delivery)]

    async def _read_again(self) -> bool:
        """Know what others have written since, up to `READ_EVERY` ago; False where it failed."""
        async with self._reading:
            now = self._clock.now()
            if self._read_at is None or now - self._read_at >= READ_EVERY:
                self._read_at, self._was_read = now, False
                try:
                    await self._journal.refresh()
                    self._was_read = True
                except KafkaError as error:
                    log.warning("log not read again", error=repr(error))
            return self._was_read
