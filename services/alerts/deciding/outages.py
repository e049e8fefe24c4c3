"""A source in trouble, told once to each watch that looks there; no input nor output."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.alerts import AlertRaised, OpenGroup
from contracts.event import hashed_id
from contracts.networks import network_of
from contracts.watches import Watched
from libs.deciding.stages import quiet_until
from libs.deciding.state import SOURCE_PREFIX, WatchState
from libs.french import NO_BREAK, clock_time, quoted, weekday
from services.alerts.deciding.sources import Trouble


def tell_outages(
    watch: Watched, state: WatchState, troubles: Mapping[str, Trouble], place: str, now: datetime
) -> list[AlertRaised]:
    """Return what is to be told of sources now, and remember it until the source answers again.

    In quiet hours nothing: it is told at their end, if the source is still in trouble.
    """
    for group in [g for g in state.groups if g.startswith(SOURCE_PREFIX)]:
        if group.removeprefix(SOURCE_PREFIX) not in troubles:
            del state.groups[group]
            state.dirty = True
    zone = ZoneInfo(watch.timezone)
    if watch.state != "active" or (watch.quiet and quiet_until(watch.quiet, now, zone)):
        return []
    told: list[AlertRaised] = []
    for network, trouble in sorted(troubles.items()):
        group = f"{SOURCE_PREFIX}{network}"
        if group in state.groups or (watch.query.networks and network not in watch.query.networks):
            continue
        alert = _alert(watch, trouble, place, now)
        state.groups[group] = OpenGroup(
            group=group, alert=alert.alert, since=trouble.since, told_at=now, total=1
        )
        state.outgoing.append(alert)
        state.dirty = True
        told.append(alert)
    return told


def _alert(watch: Watched, trouble: Trouble, place: str, now: datetime) -> AlertRaised:
    name = hashed_id("outage", watch.watch, trouble.network, trouble.since.isoformat())
    network = network_of(trouble.network).name
    failed = trouble.kind == "source_failed"
    title = f"Source en panne · {network}" if failed else f"Plus aucune donnée · {network}"
    return AlertRaised(
        event_id=name,
        origin=watch.origin,
        alert=name,
        watch=watch.watch,
        watch_revision=watch.revision,
        territory=watch.territory,
        kind=trouble.kind,
        group=f"{SOURCE_PREFIX}{trouble.network}",
        title=f"{title} · {place}",
        why=_why(watch, trouble, network),
        total=0,
        raised_at=now,
    )


def _why(watch: Watched, trouble: Trouble, network: str) -> str:
    since = _moment(trouble.since, watch)
    if trouble.kind == "silence":
        what = f"Nous ne recevons plus rien de {network} depuis {since}"
    elif trouble.cause == "credential":
        what = f"{network} refuse notre clé d’accès depuis {since}"
    else:
        what = f"{network} ne nous répond plus depuis {since}"
    answered = (
        f" Dernière réponse{NO_BREAK}: {_moment(trouble.answered_at, watch)}."
        if trouble.answered_at
        else ""
    )
    return (
        f"{what}{NO_BREAK}: votre veille {quoted(watch.name)} ne voit plus ce qui s’y dit."
        f"{answered} Vous ne recevrez pas d’autre message tant que cela dure."
    )


def _moment(moment: datetime, watch: Watched) -> str:
    """Return a moment in words, by the watch's clocks: « mardi 24 novembre à 8 h 12 »."""
    zone = ZoneInfo(watch.timezone)
    return f"{weekday(moment, zone)} à {clock_time(moment, zone)}"
