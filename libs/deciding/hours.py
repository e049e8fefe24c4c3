"""Hours of a watch, in its own time zone: those that are quiet, and those of somebody on duty."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.watches import QuietHours, Shift, Watched
from libs.clock import PARIS


def zone_of(watch: Watched) -> ZoneInfo:
    """Return the zone of a watch; that of Paris where this machine does not know it.

    Hours that are another zone's are better than an alert that nobody is told.
    """
    try:
        return ZoneInfo(watch.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return PARIS


def at_clock(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) at which clocks of a zone show `minute` after midnight of a day.

    Where they show it twice, the first time; where they leap over it, as long after the leap.
    """
    hour = time(minute // 60, minute % 60)
    return datetime.combine(day, hour, zone).astimezone(UTC)


def quiet_since(hours: QuietHours, now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the quiet hours that hold `now` began (UTC)."""
    local = now.astimezone(zone)
    before = local.hour * 60 + local.minute < hours.start
    return at_clock(local.date() - timedelta(days=before), hours.start, zone)


def quiet_until(hours: QuietHours, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours that hold `now` end (UTC), None outside them.

    They may pass midnight; equal start and end are no quiet hours.
    """
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    length = (hours.end - hours.start) % 1440
    if (minute - hours.start) % 1440 >= length:
        return None
    end = local.replace(hour=hours.end // 60, minute=hours.end % 60, second=0, microsecond=0)
    if hours.end <= minute:
        end += timedelta(days=1)
    return end.astimezone(now.tzinfo)


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
