"""The alerts of operations: when each fires, what it says, whether it may wait, its runbook.

Conditions name metrics of `metrics.py`. Summaries are for agents on call, in French.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.channels import CHANNELS
from contracts.operations import metrics
from contracts.operations.objectives import BURNS, OBJECTIVES, RECORDED, Objective, Waits

SERVICES = ("api", "scorer", "collector", "alerts")


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert; `lasting` is for how long its condition holds before it fires."""

    name: str
    condition: str
    lasting: str
    waits: Waits
    summary: str
    runbook: str
    labels: dict[str, str] = field(default_factory=dict[str, str])


def _per_group(metric: metrics.Metric) -> str:
    # Each process of the api asks the broker, and all say the same.
    return f"max by (group) ({metric.shown})"


_COURIERS = "|".join(f"alerts-{one.scheme}" for one in CHANNELS)
_LATE = " or ".join(
    f"max by (group) ({metrics.GROUP_LAG_SECONDS.shown}{{group{which}}}) > {seconds}"
    # Couriers hold an update of an event for half an hour on purpose.
    for which, seconds in ((f'!~"{_COURIERS}"', 900), (f'=~"{_COURIERS}"', 2_700))
)
_DOWN = " or ".join(
    [f'up{{job=~"{"|".join(SERVICES)}"}} == 0', *(f'absent(up{{job="{one}"}})' for one in SERVICES)]
)
_DELIVERED_NO_MORE = (
    f"sum by (channel) ({metrics.ALERTS_DELIVERIES_WAITING.shown}) > 0 and "
    f"sum by (channel) (increase({metrics.ALERTS_DELIVERY_RETRIES.shown}[5m])) > 0"
)
_BAD = f"sum by (reader, topic) ({metrics.BAD_RECORDS.shown}"
_REFUSED = (
    # A counter that was not there has no increase: the first of its kind is looked for apart.
    f"sum by (reader, topic) (increase({metrics.BAD_RECORDS.shown}[5m])) > 0 "
    f"or ({_BAD}) unless {_BAD} offset 5m)) > 0"
)
_REQUESTS = metrics.COLLECTOR_REQUESTS.shown
_SOURCE_FAILING = (
    f'sum by (network) (rate({_REQUESTS}{{cause!~"done|unchanged|gone"}}[15m])) '
    f"/ sum by (network) (rate({_REQUESTS}[15m])) > 0.5"
)

CAUSES = (
    Alert(
        "ObservatoireProcessDown", _DOWN, "2m", "non",
        "{{ $labels.job }} ne répond plus",
        "process-down",
    ),
    Alert(
        "ObservatoireGroupStopped", f"{_per_group(metrics.GROUP_MEMBERS)} == 0", "5m", "non",
        "Plus personne ne lit pour {{ $labels.group }}",
        "consumer-stopped",
    ),
    Alert(
        "ObservatoireGroupLate", _LATE, "5m", "non",
        "{{ $labels.group }} a {{ $value | humanizeDuration }} de retard",
        "lag",
    ),
    Alert(
        "ObservatoireBadRecords",
        _REFUSED, "0m", "oui",
        "{{ $labels.reader }} refuse des messages de {{ $labels.topic }}",
        "dead-letters",
    ),
    Alert(
        "ObservatoireEngineAway", f"max({metrics.SCORER_WAITING.shown}) == 1", "5m", "non",
        "La mesure attend ClickHouse",
        "engine-away",
    ),
    Alert(
        "ObservatoireDiskNearlyFull",
        f"min by (store, disk) ({metrics.DISK_FREE_BYTES.shown} / "
        f"{metrics.DISK_SIZE_BYTES.shown}) < 0.1", "5m", "non",
        "Il reste {{ $value | humanizePercentage }} du disque {{ $labels.disk }} "
        "de {{ $labels.store }}",
        "disk-full",
    ),
    Alert(
        "ObservatoireMonthOverdue", f"max({metrics.MONTH_OVERDUE_SECONDS.shown}) > 21600",
        "15m", "oui",
        "Le mois dû n’est pas publié depuis {{ $value | humanizeDuration }}",
        "month-overdue",
    ),
    Alert(
        "ObservatoireOutboxStuck", f"max({metrics.OUTBOX_OLDEST_SECONDS.shown}) > 300", "5m", "non",
        "Des veilles et des comptes modifiés ne sont plus transmis depuis "
        "{{ $value | humanizeDuration }}",
        "outbox",
    ),
    Alert(
        "ObservatoireNotDelivered", _DELIVERED_NO_MORE, "5m", "non",
        "Des messages attendent sur {{ $labels.channel }}",
        "not-delivered",
    ),
    Alert(
        "ObservatoireQuotaSpent",
        f"max by (bucket) ({metrics.COLLECTOR_QUOTA_LEFT_RATIO.shown}) == 0", "1h", "oui",
        "Plus aucune demande permise sur {{ $labels.bucket }} depuis une heure",
        "quota-spent",
    ),
    Alert(
        "ObservatoireSourceFailing", _SOURCE_FAILING, "15m", "oui",
        "Plus de la moitié des demandes à {{ $labels.network }} échouent",
        "source-failed",
    ),
    Alert(
        "ObservatoireStreamLate", f"max by (stream) ({metrics.COLLECTOR_STREAM_LAG_SECONDS.shown})"
        " > 120", "5m", "non",
        "Le flux de {{ $labels.stream }} a {{ $value | humanizeDuration }} de retard",
        "source-failed",
    ),
    Alert(
        "ObservatoireNobodyLeads", f"max({metrics.COLLECTOR_LEADING.shown}) == 0", "5m", "non",
        "Personne n’ordonnance la collecte",
        "nobody-leads",
    ),
    Alert(
        "ObservatoireNotLooked",
        f"time() - max by (of) ({metrics.LOOKED_TIMESTAMP_SECONDS.shown}) > 120", "3m", "non",
        "Le portail n’obtient plus de réponse : {{ $labels.of }}",
        "not-looked",
    ),
)  # fmt: skip


def _burning(objective: Objective, waits: Waits) -> Alert:
    speed = "Fast" if waits == "non" else "Slow"
    burning = " or ".join(
        f"({_recorded(objective, burn.long)} > {burn.factor * objective.budget:g} and "
        f"{_recorded(objective, burn.short)} > {burn.factor * objective.budget:g})"
        for burn in BURNS
        if burn.waits == waits
    )
    gone = "en heures" if waits == "non" else "en jours"
    return Alert(
        f"Observatoire{objective.slug.capitalize()}{speed}Burn", burning, "0m", waits,
        f"{objective.title} : la marge de trente jours s’épuise {gone} "
        "({{ $value | humanizePercentage }} d’erreurs)",
        f"objective-{objective.slug}",
        {"objective": objective.slug},
    )  # fmt: skip


def _recorded(objective: Objective, window: str) -> str:
    return f'{RECORDED}_{window}{{objective="{objective.slug}"}}'


def all_alerts() -> Iterator[Alert]:
    """Yield every alert: causes, then objectives whose budget burns."""
    yield from CAUSES
    for objective in OBJECTIVES:
        yield _burning(objective, "non")
        yield _burning(objective, "oui")
