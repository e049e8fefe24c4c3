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
