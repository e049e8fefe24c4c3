"""A source in trouble, told once to each watch that looks there, and once that it is back."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from contracts.alerts import BACK, AlertKind, AlertRaised, OpenGroup
from contracts.event import hashed_id
from contracts.networks import BY_SLUG, network_of
from contracts.watches import Watched
from libs.deciding.hours import quiet_until, zone_of
from libs.deciding.state import SOURCE_PREFIX, WatchState
from libs.french import NO_BREAK, clock_time, quoted, weekday
from services.alerts.deciding.sources import Trouble

BACK_AFTER = timedelta(minutes=10)
"""A source is said to be back once it has answered for so long: what comes and goes is one trouble.
"""


def tell_outages(
    watch: Watched, state: WatchState, troubles: Mapping[str, Trouble], place: str, now: datetime
) -> list[AlertRaised]:
    """Return what is to be told of sources now, and remember it until they are told to be back.

    In quiet hours nothing: it is told at their end, if the source is still in trouble, or back
    after a trouble that was told.
    """
    zone = zone_of(watch)
    if watch.state != "active" or (watch.quiet and quiet_until(watch.quiet, now, zone)):
        return []
    told = list(_back(watch, state, troubles, place, now))
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


def _back(
    watch: Watched, state: WatchState, troubles: Mapping[str, Trouble], place: str, now: datetime
) -> Iterator[AlertRaised]:
    """Yield what tells that sources have answered for a while, and forget their trouble."""
    for name, group in [*state.groups.items()]:
        network = name.removeprefix(SOURCE_PREFIX)
        if network == name or (network in troubles and group.well_since is None):
            continue
        well = None if network in troubles else group.well_since or now
        if well != group.well_since:
            state.groups[name] = group.model_copy(update={"well_since": well})
            state.dirty = True
        if well is None or now - well < BACK_AFTER:
            continue
        del state.groups[name]
        state.dirty = True
        if network in BY_SLUG:
            alert = _alert_back(watch, group, network, well, place, now)
            state.outgoing.append(alert)
            yield alert


def _alert_back(
    watch: Watched, group: OpenGroup, slug: str, well: datetime, place: str, now: datetime
) -> AlertRaised:
    name, network = hashed_id("back", group.alert), network_of(slug).name
    return _raised(
        watch,
        name,
        "source_failed",
        f"{SOURCE_PREFIX}{slug}{BACK}",
        f"Source rétablie · {network} · {place}",
        f"{network} répond de nouveau depuis {_moment(well, watch)}{NO_BREAK}: votre veille "
        f"{quoted(watch.name)} voit de nouveau ce qui s’y dit. Ce qui a paru pendant la panne peut "
        "manquer, ou arriver en retard.",
        now,
    )


def _alert(watch: Watched, trouble: Trouble, place: str, now: datetime) -> AlertRaised:
    name = hashed_id("outage", watch.watch, trouble.network, trouble.since.isoformat())
    network = network_of(trouble.network).name
    failed = trouble.kind == "source_failed"
    title = f"Source en panne · {network}" if failed else f"Plus aucune donnée · {network}"
    group = f"{SOURCE_PREFIX}{trouble.network}"
    why = _why(watch, trouble, network)
    return _raised(watch, name, trouble.kind, group, f"{title} · {place}", why, now)


def _raised(
    watch: Watched, name: str, kind: AlertKind, group: str, title: str, why: str, now: datetime
) -> AlertRaised:
    return AlertRaised(
        event_id=name,
        origin=watch.origin,
        alert=name,
        watch=watch.watch,
        watch_revision=watch.revision,
        territory=watch.territory,
        kind=kind,
        group=group,
        title=title,
        why=why,
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
    zone = zone_of(watch)
    return f"{weekday(moment, zone)} à {clock_time(moment, zone)}"
