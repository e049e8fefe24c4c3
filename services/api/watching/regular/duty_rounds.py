"""What is due beside digests: what nobody has seen, what came during a mute, the week's orders."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.channels import channel_of
from contracts.event import hashed_id
from contracts.watches import SEEN_FOR, Mute, Recipient, Watched
from libs.clock import paris_day
from libs.deciding.hours import on_duty, zone_of
from services.api.figures.queries import Figures
from services.api.figures.views import WATCH_ACTIVITY, WATCH_ALERTS
from services.api.figures.watch_rows import WatchAlert
from services.api.store import Store
from services.api.watching.alert_reasons import SOURCE_KINDS
from services.api.watching.letters.instructions import instructions
from services.api.watching.letters.relays import escalated, meanwhile
from services.api.watching.regular.slots import LATE_AT_MOST, latest

ESCALATED_WITHIN = timedelta(hours=13)
"""An alert that is older is escalated no more: the longest delay is twelve hours."""

STORED_WITHIN = timedelta(minutes=1)
"""What was delivered is in the engine by then."""

SUNDAY = 6
ORDERS_AT = 18 * 60
"""Local time of the week's orders, on Sunday."""


@dataclass(frozen=True, slots=True)
class DutyRounds:
    """Goes through the watches for those on duty; mails are made once each, by their names."""

    store: Store
    figures: Figures
    portal_url: str
    simulation: bool

    async def go(self, watches: Sequence[Watched], now: datetime) -> int:
        """Make what is due now; return how many mails were made."""
        active = [one for one in watches if one.state == "active"]
        made = await self._orders(active, now)
        for watch, one, mute in _ended_mutes(active, now):
            made += await self._after_mute(watch, one, mute)
        escalating = {one.watch: one for one in active if one.escalate_minutes}
        if escalating:
            since = (now - ESCALATED_WITHIN).replace(minute=0, second=0, microsecond=0)
            for row in await self.figures.read(WATCH_ACTIVITY, since=since.isoformat()):
                if row.watch in escalating:
                    made += await self._escalate(escalating[row.watch], now)
        return made

    async def _escalate(self, watch: Watched, now: datetime) -> int:
        """Tell the backups, else everybody, of what nobody has seen within the delay; once."""
        minutes = watch.escalate_minutes or 0
        acknowledged = await asyncio.to_thread(self.store.acknowledgements.of_watch, watch.watch)
        made = 0
        for alert in await self._alerts(watch, now - ESCALATED_WITHIN, now):
            if not now - ESCALATED_WITHIN < alert.raised_at <= now - timedelta(minutes=minutes):
                continue
            if alert.kind in SOURCE_KINDS or alert.alert in acknowledged or _seen(watch, alert):
                continue
            write = escalated(self.portal_url, alert, minutes, simulation=self.simulation)
            names = {
                hashed_id("escalation", watch.watch, alert.group, one.address): one.address
                for one in escalated_to(watch, now)
            }
            told = 0
            for name in names.keys() - await asyncio.to_thread(self.store.receiving.made, names):
                mail = write(watch, names[name])
                told += await asyncio.to_thread(
                    self.store.receiving.make, name, names[name], "alert_escalated", mail
                )
            if told:
                note = self.store.acknowledgements.act
                await asyncio.to_thread(note, watch.watch, alert.alert, "escalated")
            made += told
        return made

    async def _after_mute(self, watch: Watched, one: Recipient, mute: Mute) -> int:
        """Tell, after a mute, what it kept back."""
        name = hashed_id("mute", watch.watch, one.address, mute.since.isoformat())
        if await asyncio.to_thread(self.store.receiving.made, [name]):
            return 0
        channel = channel_of(one.address)
        mine = channel.veiled(one.address) if channel else ""
        alerts = [
            alert
            for alert in await self._alerts(watch, mute.since - timedelta(days=1), mute.until)
            if any(
                (said.recipient, said.why) == (mine, "muted")
                and mute.since <= said.delivered_at <= mute.until + STORED_WITHIN
                for said in alert.deliveries
            )
        ]
        write = meanwhile(self.portal_url, alerts, simulation=self.simulation)
        mail = write(watch, one.address) if alerts else None
        made = await asyncio.to_thread(
            self.store.receiving.make, name, one.address, "alerts_meanwhile", mail
        )
        return int(made and mail is not None)

    async def _orders(self, watches: Sequence[Watched], now: datetime) -> int:
        """Tell who is on duty in the coming week, on Sunday evening, of all their watches."""
        due: dict[tuple[str, datetime], list[Watched]] = {}
        for watch in watches:
            zone = zone_of(watch)
            at = latest(ORDERS_AT, zone, now)
            if at.astimezone(zone).weekday() != SUNDAY or now - at > LATE_AT_MOST:
                continue
            for one in watch.recipients:
                if one.confirmed and one.duty and one.at_once:
                    due.setdefault((one.address, at), []).append(watch)
        names = {hashed_id("orders", address, at.isoformat()): (address, at) for address, at in due}
        known = await asyncio.to_thread(self.store.receiving.made, names)
        made = 0
        for name in names.keys() - known:
            address, at = names[name]
            mail = instructions(
                self.portal_url, address, due[names[name]], at + timedelta(days=1),
                simulation=self.simulation,
            )  # fmt: skip
            made += await asyncio.to_thread(
                self.store.receiving.make, name, address, "duty_orders", mail
            )
        return made

    async def _alerts(self, watch: Watched, since: datetime, until: datetime) -> list[WatchAlert]:
        days = {"date_from": paris_day(since), "date_to": paris_day(until)}
        return await self.figures.read(WATCH_ALERTS, None, watch=watch.watch, **days)


def escalated_to(watch: Watched, now: datetime) -> list[Recipient]:
    """Return whom an alert that nobody has seen is escalated to: backups on duty, else all."""
    zone = zone_of(watch)
    known = [one for one in watch.recipients if one.confirmed]
    backups = [one for one in known if one.backup]
    return [one for one in backups if on_duty(one.duty, now, zone)] or backups or known


def _seen(watch: Watched, alert: WatchAlert) -> bool:
    """Tell whether somebody has seen the event of an alert, lately enough to care for it."""
    return any(
        one.group == alert.group and one.at > alert.raised_at - SEEN_FOR for one in watch.seen
    )


def _ended_mutes(
    watches: Sequence[Watched], now: datetime
) -> Iterator[tuple[Watched, Recipient, Mute]]:
    for watch in watches:
        for one in watch.recipients:
            ended = one.mute and one.mute.until + STORED_WITHIN
            if one.mute and ended and ended <= now < ended + LATE_AT_MOST:
                yield watch, one, one.mute
