"""Who of a watch's recipients is told of an alert as it comes, by rota, mute and choice."""

from datetime import datetime

from contracts.alerts import AlertRaised, Silence
from contracts.watches import Recipient, Watched
from libs.deciding.hours import on_duty, zone_of
from libs.deciding.stages import says


def personal_silence(
    watch: Watched, recipient: Recipient, alert: AlertRaised, now: datetime
) -> Silence | None:
    """Return why an alert is not told to this recipient as it comes; None where it is.

    Hours off duty hold only while somebody on duty is told (`told`).
    """
    if not recipient.at_once:
        return Silence.DIGEST
    if recipient.backup and watch.escalate_minutes:
        return Silence.BACKUP
    zone, crisis = zone_of(watch), _crisis(watch, alert)
    if not on_duty(recipient.duty, now, zone) and any(
        on_duty(one.duty, now, zone) for one in told(watch, now, crisis=crisis)
    ):
        return Silence.OFF_DUTY
    return Silence.MUTED if _muted(recipient, now) and not crisis else None


def told(watch: Watched, now: datetime, *, crisis: bool = False) -> list[Recipient]:
    """Return whom a watch tells of what comes now: those on duty, else all whom it could tell.

    Never nobody for a hole in the rota, nor for whoever is on duty and asked for silence. What a
    crisis term of the watch says (`crisis`) is told through a mute.
    """
    awake = [
        one
        for one in watch.recipients
        if one.confirmed
        and one.at_once
        and not (one.backup and watch.escalate_minutes)
        and (crisis or not _muted(one, now))
    ]
    return [one for one in awake if on_duty(one.duty, now, zone_of(watch))] or awake


def _muted(one: Recipient, now: datetime) -> bool:
    return one.mute is not None and one.mute.since <= now < one.mute.until


def _crisis(watch: Watched, alert: AlertRaised) -> bool:
    terms = watch.quiet.crisis_terms if watch.quiet else ()
    return any(says(one, terms) for one in alert.evidence)
