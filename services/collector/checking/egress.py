"""Whom an installation speaks to outside, and inside: what a firewall has to let through."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from contracts.channels import CHANNELS
from contracts.networks import NETWORKS
from contracts.territories.annuaire import HOST as ANNUAIRE
from libs.settings import Settings
from libs.wire.backends.address import servers_of
from services.collector.press.gdelt import LIST

PORTS = {"https": 443, "http": 80, "smtp": 25, "smtps": 465, "postgresql": 5432}
OF_ACCOUNTS = "any"
"""Where a network has no hosts of its own, and no account says which."""


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """A host and port that `who` (a service) opens a connection to, and what for."""

    who: str
    host: str
    port: int
    why: str


def destinations(
    settings: Settings, accounts: Mapping[str, Iterable[str]] | None = None
) -> Sequence[Destination]:
    """Return them all; `accounts` are the hosts of accounts, by network, where they are known."""
    census = Destination("census", ANNUAIRE, 443, "annuaire de l’administration")
    return sorted(
        {*_networks(settings, accounts or {}), *_channels(settings), *_inside(settings), census}
    )


def _networks(settings: Settings, accounts: Mapping[str, Iterable[str]]) -> Iterator[Destination]:
    if settings.networks_via:
        yield _of_url("collector", settings.networks_via, "the invented networks")
        return
    for network in NETWORKS:
        if network.needs_token and network.slug not in settings.network_tokens:
            continue
        for host in network.hosts or [*accounts.get(network.slug, ())] or [OF_ACCOUNTS]:
            yield Destination("collector", host, 443, network.name)
    if settings.press_files:
        yield _of_url("collector", LIST, "GDELT")


def _channels(settings: Settings) -> Iterator[Destination]:
    urls = settings.channel_urls
    for channel in CHANNELS:
        if url := urls.get(channel.scheme) or urls.get("*") or channel.host:
            yield _of_url("alerts", url, channel.label)


def _inside(settings: Settings) -> Iterator[Destination]:
    for server in servers_of(settings.kafka_url):
        host, _, port = server.strip().rpartition(":")
        yield Destination("all", host, int(port), "Kafka")
    for who in ("api", "scorer"):
        yield _of_url(who, settings.clickhouse_url, "ClickHouse")
    if not settings.database_url.startswith("sqlite"):
        yield _of_url("api", settings.database_url, "PostgreSQL")
    for who, url, why in (
        ("api", settings.prometheus_url, "Prometheus"),
        ("all", settings.otlp_url, "traces"),
        ("grafana sync", settings.grafana_url, "Grafana"),
        ("census, collector, alerts", settings.proxy_url, "proxy: stands for all that is outside"),
    ):
        if url:
            yield _of_url(who, url, why)


def _of_url(who: str, url: str, why: str) -> Destination:
    parts = urlsplit(url)
    port = parts.port or PORTS.get(parts.scheme.partition("+")[0], 443)
    return Destination(who, parts.hostname or "", port, why)
