"""Deciding: keyed by watch, from matches to alerts, so that nothing is lost nor told twice.

A flush is five steps, in this order; after each, what a crash leaves:

1. silences are logged             → logged again, with the same ids
2. snapshots that hold the alerts  → the alerts are published from the snapshot, at assignment
3. alerts are published            → published again, with the same ids; delivery knows them
4. every few seconds, snapshots of all that changed
5. offsets are committed           → records before are covered by a snapshot, those after are read
                                     again and passed over by the offset in the snapshot
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from aiokafka import TopicPartition

from contracts.alerts import AlertDelivered, AlertRaised, Silence
from contracts.event import Origin, hashed_id
from contracts.mentions import MentionMatched
from contracts.topics import (
    ALERTS_DECIDED,
    ALERTS_DELIVERED,
    ALERTS_RAISED,
    ALERTS_STATE,
    MENTIONS_MATCHED,
)
from contracts.watches import Recipient, Watched
from libs.deciding.pipeline import decide
from libs.deciding.stages import Look
from libs.deciding.state import WatchState
from libs.tracing.spans import NOTHING, Span, origin
from libs.wire.backends.log import Batches
from libs.wire.lane import Lane, Pace
from libs.wire.metrics import BAD_RECORDS
from libs.wire.wire import SESSION_MS, Wire
from libs.wire.work import Work, until_done
from services.alerts.deciding.known import Known
from services.alerts.deciding.outages import tell_outages
from services.alerts.deciding.snapshots import load_snapshots, partition_of
from services.alerts.deciding.sources import Sources
from services.alerts.deciding.timers import Timers
from services.alerts.deciding.traced import newest, trace_of
from services.alerts.metrics import RAISED, RAISED_AFTER, SILENCED, SNAPSHOTS, WATCHES

log = structlog.get_logger(__name__)

GROUP = "alerts-deciders"
POLL_MS = 100
SAVE_EVERY = timedelta(seconds=5)
SOURCES_EVERY = timedelta(seconds=10)
RENEW_EVERY = timedelta(hours=6)


class Deciders(Work):
    """The deciders of the watches whose partitions this instance holds."""

    idle = True
    stateful = True

    def __init__(self, wire: Wire, known: Known, sources: Sources) -> None:
        self._wire = wire
        self._clock = known.clock
        self._watches = known.watches
        self._accounts = known.accounts
        self._suppressions = known.suppressions
        self._place = known.place
        self._sources = sources
        self._check = wire.check(MentionMatched, GROUP)
        self._states: dict[int, dict[str, WatchState]] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._covered: dict[TopicPartition, int] = {}
        self._timers = Timers()
        self._faults: dict[str, str] = {}
        self._looking: dict[tuple[str, str], Span] = {}
        self._generation = 0
        self._saved_at = self._renewed_at = self._clock.now()
        self._sources_at = self._saved_at - SOURCES_EVERY

    def subscribe(self, session_ms: int = SESSION_MS) -> Lane:
        """Ask the wire for the matches; they come once it has started."""
        return self._wire.lane(
            [MENTIONS_MATCHED],
            GROUP,
            self,
            pace=Pace(1_000, POLL_MS),
            session_ms=session_ms,
        )

    def change(self, watch: str, watched: Watched | None) -> None:
        """Look at a watch anew, since it changed (paused, ended, shorter cooldown…)."""
        self._faults.pop(watch, None)
        state = self._states.get(partition_of(watch), {}).get(watch)
        if watched is not None and state is not None and state.waiting:
            self._look_at(state, self._clock.now())

    def erase(self) -> None:
        """Forget at once what has been erased, here and in the next snapshots."""
        for state in self._all():
            state.erase(self._suppressions)

    def failures(self) -> dict[str, str]:
        """Return the watches that a fault of ours keeps from being looked at, by the last one."""
        if not self._faults:
            return {}
        watch, why = [*self._faults.items()][-1]
        return {"watches not looked at": f"{len(self._faults)}: {watch}: {why}"}

    async def assigned(self, partitions: Sequence[TopicPartition], generation: int) -> None:
        """Load the snapshots, and publish what they say was decided."""
        numbers = [partition.partition for partition in partitions]
        saved = await load_snapshots(self._wire, numbers)
        self.dropped()
        self._generation = generation
        self._states = {number: {} for number in numbers}
        for watch, snapshot in saved.items():
            state = self._states[partition_of(watch)][watch] = WatchState.load(snapshot)
            state.erase(self._suppressions)
            state.dirty |= bool(state.evidence)  # a snapshot of its texts must not outlive them
            if state.waiting:
                self._look_at(state, self._clock.now())
        await self._publish(self._all())
        self._renewed_at = self._clock.now()
        log.info("deciding", partitions=numbers, watches=len(saved))

    async def handle(self, batches: Batches) -> None:
        """Take matches as they come, and look at what is due."""
        matches: defaultdict[str, list[MentionMatched]] = defaultdict(list)
        for received in await self._check.read(batches):
            if received.place.partition != partition_of(received.event.watch):
                # Its offset says nothing of what this watch has seen.
                BAD_RECORDS.labels(GROUP, MENTIONS_MATCHED.name).inc()
                log.error("match of another partition", watch=received.event.watch,
                          partition=received.place.partition, offset=received.offset)  # fmt: skip
                continue
            state = self._state(received.event.watch)
            if received.offset >= state.offset:
                state.offset = received.offset + 1
                matches[received.event.watch].append(received.event)
                self._looking[received.event.watch, received.event.subject] = (
                    self._wire.tracing.go_on(
                        "decide", received.trace, "consumer", watch=received.event.watch
                    )
                )
        now = self._clock.now()
        touched = [self._state(watch) for watch in {*matches, *self._take_due(now)}]
        silences: list[AlertDelivered] = []
        read_at = asyncio.get_running_loop().time()
        for state in touched:
            silences += await self._decide(state, matches.get(state.watch, []), now, read_at)
        touched += self._tell_outages(now)
        await until_done(lambda: self._wire.publish_all(ALERTS_DELIVERED, silences))
        await self._publish(touched)
        for span in self._looking.values():
            span.end()
        self._looking.clear()
        for partition, records in batches.items():
            self._positions[partition] = records[-1].offset + 1
        if now - self._saved_at >= SAVE_EVERY:
            await self._save_all()

    def done(self) -> Mapping[TopicPartition, int]:
        """Return what the snapshots cover."""
        return self._covered

    async def revoked(self) -> None:
        """Save what is given up (all of it)."""
        await self._save_all()
        self._states = {}

    def dropped(self) -> None:
        """Forget everything."""
        self._states = {}
        for known in (self._positions, self._covered, self._faults, self._looking):
            known.clear()
        self._timers.clear()

    async def _decide(
        self, state: WatchState, matches: Sequence[MentionMatched], now: datetime, read_at: float
    ) -> list[AlertDelivered]:
        """Look at one watch; return what is silent."""
        watch = await self._watches.expect(state.watch, read_at)
        if watch is None:
            self._let_go(state)
            return [
                self._silent(state.watch, m.subject, Silence.UNKNOWN_WATCH, m.origin, now)
                for m in matches
            ]
        look = Look(watch, state, now, self._accounts.own(watch.territory))
        matches = [match for match in matches if not self._erased(match)]
        try:
            alert = decide(look, matches, self._place(watch.territory))
        except Exception as error:
            return self._pass_over(watch, state, matches, now, error)
        self._faults.pop(watch.watch, None)
        if alert and (last := newest(alert)):
            held = last.subject not in {match.subject for match in matches}
            waited = (alert.raised_at - last.published_at).total_seconds()
            RAISED_AFTER.labels("yes" if held else "no").observe(waited)
        if state.due:
            self._look_at(state, state.due)
        silences = [
            self._silent(watch.watch, item.subject, reason, watch.origin, now)
            for item, reason in look.silenced
        ]
        if alert and not watch.recipients:
            silences.append(
                self._silent(watch.watch, alert.alert, Silence.NO_RECIPIENT, watch.origin, now)
            )
        return silences

    def _let_go(self, state: WatchState) -> None:
        """Drop what waits for a watch that has ended, keep what it has seen.

        Nothing is kept of a watch that never was: matches of made-up names fill no memory.
        """
        if state.blank:
            self._states[partition_of(state.watch)].pop(state.watch, None)
        else:
            state.give_up()

    def _decides_for(self, watch: Watched) -> bool:
        return watch.state == "active" and partition_of(watch.watch) in self._states

    def _erased(self, match: MentionMatched) -> bool:
        """Tell whether what was matched earlier is erased now; what is withdrawn is still heard."""
        return match.state == "present" and self._suppressions.holds(
            account=match.source, subject=match.subject, address=match.address
        )

    def _pass_over(
        self,
        watch: Watched,
        state: WatchState,
        matches: Sequence[MentionMatched],
        now: datetime,
        error: Exception,
    ) -> list[AlertDelivered]:
        """Go on without what a look failed at: met again, it would end every other watch again."""
        self._tell_fault(watch.watch, error)
        subjects = dict.fromkeys([*state.waiting, *(match.subject for match in matches)])
        state.give_up()
        return [
            self._silent(watch.watch, subject, Silence.FAULT, watch.origin, now)
            for subject in subjects
        ]

    def _tell_fault(self, watch: str, error: Exception) -> None:
        if watch not in self._faults:
            log.error("watch not looked at", watch=watch, exc_info=error)
        self._faults[watch] = type(error).__name__

    def _tell_outages(self, now: datetime) -> list[WatchState]:
        """Return the states of the watches to be told that a source is in trouble."""
        if now - self._sources_at < SOURCES_EVERY:
            return []
        self._sources_at = now
        WATCHES.set(sum(self._decides_for(watch) for watch in self._watches.all()))
        troubles = self._sources.troubles(now)
        told: list[WatchState] = []
        for watch in self._watches.all():
            if partition_of(watch.watch) not in self._states:
                continue
            known = self._states[partition_of(watch.watch)].get(watch.watch)
            if troubles or (known and known.groups):
                state = known or self._state(watch.watch)
                try:
                    if tell_outages(watch, state, troubles, self._place(watch.territory), now):
                        told.append(state)
                except Exception as error:
                    self._tell_fault(watch.watch, error)
        return told

    def _silent(
        self, watch: str, subject: str, reason: Silence, origin: Origin, now: datetime
    ) -> AlertDelivered:
        SILENCED.labels(reason.value).inc()
        self._looking.get((watch, subject), NOTHING).note(silent=reason.value)
        alert = subject if reason is Silence.NO_RECIPIENT else hashed_id("silent", watch, subject)
        return AlertDelivered(
            event_id=hashed_id("silent", watch, subject, reason),
            origin=origin,
            alert=alert,
            watch=watch,
            channel="none",
            recipient="none",
            outcome="silent",
            why=reason.value,
            attempts=0,
            delivered_at=now,
        )

    async def _publish(self, states: Iterable[WatchState]) -> None:
        """Save, then publish, the alerts that were decided."""
        telling = [state for state in states if state.outgoing]
        if not telling:
            return
        await self._save(telling)
        alerts: list[AlertRaised] = [alert for state in telling for alert in state.outgoing]
        decided = [alert.decided for alert in alerts]
        await until_done(lambda: self._wire.publish_all(ALERTS_DECIDED, decided))
        addressed: list[AlertRaised] = []
        traces: dict[str, str | None] = {}
        for alert in alerts:
            copies = alert.addressed(self._recipients(alert.watch))
            addressed += copies
            traces |= dict.fromkeys((one.event_id for one in copies), self._trace(alert))
        await until_done(lambda: self._wire.publish_all(ALERTS_RAISED, addressed, traces))
        for state in telling:
            state.outgoing = []
            state.dirty = True
        for alert in alerts:
            RAISED.labels(alert.kind).inc()
            log.info("raised", alert=alert.alert, watch=alert.watch, trace=trace_of(alert))

    def _recipients(self, watch: str) -> Sequence[Recipient]:
        known = self._watches.get(watch)
        return known.recipients if known else ()

    def _trace(self, alert: AlertRaised) -> str | None:
        """Return from where the trace of an alert goes on.

        Where its evidence was held, the look that raises it is a span of its own.
        """
        if (last := newest(alert)) is None:
            return None
        span = self._looking.pop((alert.watch, last.subject), None) or self._wire.tracing.go_on(
            "decide", origin(last.subject), watch=alert.watch, held=True
        )
        span.note(alert=alert.alert, of=len(alert.evidence))
        for other in alert.evidence:
            span.link(origin(other.subject))
        span.end()
        return span.context

    async def _save_all(self) -> None:
        """Write the snapshots of all that changed, and every few hours of all.

        An instance that was paused beyond its session may write an old snapshot after ours, and
        the topic keeps the last of a key, half a day later (contracts/topics.py). By then
        ours stands behind it again.
        """
        now, covered = self._clock.now(), dict(self._positions)
        renewed = now - self._renewed_at >= RENEW_EVERY
        await self._save([state for state in self._all() if state.dirty or renewed])
        self._renewed_at = now if renewed else self._renewed_at
        self._saved_at = now
        self._covered = covered

    async def _save(self, states: Sequence[WatchState]) -> None:
        now = self._clock.now()
        snapshots = [
            state.snapshot(number, self._wire.installation, now, self._generation)
            for state, number in ((state, partition_of(state.watch)) for state in states)
        ]
        # What changes while they are published (an erasure) is in none of them.
        for state in states:
            state.dirty = False
        try:
            await until_done(lambda: self._wire.publish_all(ALERTS_STATE, snapshots))
        except BaseException:
            for state in states:
                state.dirty = True
            raise
        SNAPSHOTS.inc(len(snapshots))

    def _state(self, watch: str) -> WatchState:
        return self._states[partition_of(watch)].setdefault(watch, WatchState(watch))

    def _all(self) -> list[WatchState]:
        return [state for states in self._states.values() for state in states.values()]

    def _look_at(self, state: WatchState, due: datetime) -> None:
        state.due = due
        self._timers.put(state.watch, due)

    def _take_due(self, now: datetime) -> set[str]:
        due: set[str] = set()
        for watch in self._timers.take(now):
            state = self._states.get(partition_of(watch), {}).get(watch)
            if state and state.due and state.due <= now:
                due.add(watch)
        return due
