"""What happened to a watch, in order: texts found, alerts, who was told and how, who has seen,
what was handed over.

For a crisis cell: the page and the file say the same, of 30 days.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.networks import network_of
from libs.french import plural
from services.api.figures.watch_rows import WatchAlert, WatchMatch
from services.api.files.csv import Column
from services.api.store.acknowledgements import AlertAct

OUTCOMES = {"delivered": "envoyée à", "failed": "échec pour", "silent": "silence pour"}
ACTS = {
    "muted": "{0} demande une heure de silence",
    "unmuted": "{0} reprend avant la fin du silence",
    "handed": "{0} passe la main à {1}",
    "escalated": "vue par personne dans le délai, renforts prévenus",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, when (UTC), and where it can be read."""

    at: datetime
    what: str
    said: str
    address: str = ""


def timeline(
    matches: Sequence[WatchMatch],
    alerts: Sequence[WatchAlert],
    seen: Mapping[str, tuple[datetime, str]],
    addressee: Callable[[str], str],
    acts: Sequence[AlertAct] = (),
    named: Callable[[str], str] = str,
) -> list[Moment]:
    """Return the moments of a watch, newest first.

    `seen` says of an alert when it was seen and by whom, `addressee` how a recipient is shown,
    `named` how the one of a name is.
    """
    moments = [
        Moment(
            one.published_at, "texte", _words(one), one.address if one.state == "present" else ""
        )
        for one in matches
    ]
    for alert in alerts:
        many = plural(alert.total, "message")
        moments.append(Moment(alert.raised_at, "alerte", f"{alert.title} ({many})"))
        moments += [
            Moment(
                one.delivered_at,
                "envoi",
                f"{alert.title} : {OUTCOMES[one.outcome]} {addressee(one.recipient)}",
            )
            for one in alert.deliveries
        ]
        if alert.alert in seen:
            at, who = seen[alert.alert]
            moments.append(Moment(at, "vu", f"{alert.title} : vue par {who}"))
    titles = {alert.alert: alert.title for alert in alerts}
    for one in acts:
        said = ACTS[one.what].format(named(one.who) if one.who else "", named(one.whom))
        moments.append(Moment(one.at, "suite", f"{titles.get(one.alert, 'Alerte')} : {said}"))
    return sorted(moments, key=lambda one: one.at, reverse=True)


def _words(one: WatchMatch) -> str:
    if one.state != "present":
        return f"{network_of(one.network).name} : texte supprimé depuis"
    said = " ".join(f"{one.title or ''} {one.excerpt}".split())
    return f"{network_of(one.network).name} : {said}"


COLUMNS: tuple[Column[Moment], ...] = (
    Column("instant", "at", "quand", "UTC"),
    Column("quoi", "what", "texte, alerte, envoi, vu ou suite"),
    Column("dit", "said", "ce qui a été dit, envoyé ou fait"),
    Column("adresse", "address", "où lire le texte"),
)
