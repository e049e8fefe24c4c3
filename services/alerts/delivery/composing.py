"""What a message says is written before it is handed over: who begins again hands over the same.

Were it composed anew after a kill, what has come since would be in it, alerts would be read in
another order, and what was accepted and not logged be repeated as another message.
"""

from collections import defaultdict
from collections.abc import Sequence

from contracts.alerts import AlertComposed
from contracts.event import hashed_id
from contracts.topics import ALERTS_COMPOSED
from contracts.watches import recipient_name
from libs.clock import Clock
from libs.deciding.grouping import Incident, Message, update_id
from libs.wire.wire import Wire
from libs.wire.work import until_done
from services.alerts.delivery.deliveries import Delivery
from services.alerts.delivery.journal import Journal


class Composer:
    """Composes the messages of one channel, and knows those that were composed before."""

    def __init__(self, wire: Wire, journal: Journal, clock: Clock, scheme: str) -> None:
        self._wire = wire
        self._journal = journal
        self._clock = clock
        self._scheme = scheme

    async def compose(
        self,
        deliveries: Sequence[Delivery],
        message: Message,
        incident: Incident,
        trace: str | None = None,
    ) -> AlertComposed:
        """Write what is about to be handed over; the first that is told begins the thread.

        `trace` is what the record goes on from.
        """
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
        traces = {composed.event_id: trace}
        await until_done(lambda: self._wire.publish(ALERTS_COMPOSED, composed, traces))
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
