"""Who of a watch's recipients is told of an alert as it comes, by rota, mute and choice."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.alerts import AlertRaised, Silence
from contracts.watches import Recipient, Shift, Watched
from libs.clock import PARIS
from libs.deciding.stages import says


def zone_of(watch: Watched) -> ZoneInfo:
    """Return the zone of a watch; that of Paris where this machine does not know it.

    Hours that are another zone's are better than an alert that nobody is told.
    """
    try:
        return ZoneInfo(watch.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return PARIS


def on_duty(duty: Sequence[Shift], now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether somebody with these hours is on duty; without any, always."""
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    today, before = local.weekday(), (local - timedelta(days=1)).weekday()

    def holds(shift: Shift) -> bool:
        if shift.start < shift.end:
            return today in shift.days and shift.start <= minute < shift.end
        return (today in shift.days and minute >= shift.start) or (
            before in shift.days and minute < shift.end
        )

    return not duty or any(map(holds, duty))


def personal_silence(
    watch: Watched, recipient: Recipient, alert: AlertRaised, now: datetime
) -> Silence | None:
    """Return why an alert is not told to this recipient as it comes; None where it is.

    Hours off duty hold only while somebody else is told: never nobody for a hole in the rota. What
    a crisis term of the watch says is told through a mute.
    """
    if not recipient.at_once:
        return Silence.DIGEST
    if recipient.backup and watch.escalate_minutes:
        return Silence.BACKUP
    zone = zone_of(watch)
    if not on_duty(recipient.duty, now, zone) and any(
        _awake(one, watch) and on_duty(one.duty, now, zone) for one in watch.recipients
    ):
        return Silence.OFF_DUTY
    mute = recipient.mute
    if mute and mute.since <= now < mute.until and not _crisis(watch, alert):
        return Silence.MUTED
    return None


def _awake(one: Recipient, watch: Watched) -> bool:
    return one.confirmed and one.at_once and not (one.backup and watch.escalate_minutes)


def _crisis(watch: Watched, alert: AlertRaised) -> bool:
    terms = watch.quiet.crisis_terms if watch.quiet else ()
    return any(says(one, terms) for one in alert.evidence)
