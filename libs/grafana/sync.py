"""Pushing the dashboards to Grafana: folder, data source, dashboards; as often as one likes.

Speaks Grafana's HTTP API (folders, data sources by uid, dashboards) through grafana-client. What
is there already under the same uid is brought to what is wanted, nothing else is touched.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError

from contracts.panels import DASHBOARDS
from libs.grafana.render import PLUGIN, PROMETHEUS_UID, SOURCE_UID, rendered

FOLDERS = {"observatoire": "Observatoire", "observatoire-ops": "Observatoire, exploitation"}
"""What everybody may see, and what is for whoever runs the installation."""

TOKEN_USER = "token"  # noqa: S105
"""The user of a `GRAFANA_URL` whose password is a service account's token."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What was done: uid → `created`, `updated` or `unchanged`."""

    folder: str
    source: str
    dashboards: dict[str, str]


def connect(url: str) -> Any:
    """Return a client of Grafana, with the credentials that its URL carries."""
    parts = urlsplit(url)
    if parts.username == TOKEN_USER and parts.password:
        return GrafanaApi.from_url(url, credential=unquote(parts.password))
    return GrafanaApi.from_url(url)


def sync(
    grafana: Any,
    installation: str,
    clickhouse_url: str,
    database: str,
    prometheus_url: str | None = None,
) -> Synced:
    """Bring folder, data source and dashboards to what this version says.

    Raises `grafana_client`'s errors.
    """
    made = [_folder(grafana, uid, title) for uid, title in FOLDERS.items()]
    folder = "created" if "created" in made else "unchanged"
    source = _source(grafana, data_source(clickhouse_url, database))
    if prometheus_url:
        _source(grafana, prometheus_source(prometheus_url))
    dashboards: dict[str, str] = {}
    for board in DASHBOARDS:
        model = json.loads(rendered(board, installation))
        folder_uid = "observatoire-ops" if board.measures else "observatoire"
        dashboards[model["uid"]] = _dashboard(grafana, model, folder_uid)
    return Synced(folder, source, dashboards)


def data_source(clickhouse_url: str, database: str) -> dict[str, Any]:
    """Return the data source as the ClickHouse plugin is configured: HTTP, one database."""
    parts = urlsplit(clickhouse_url)
    secure = parts.scheme == "https"
    return {
        "uid": SOURCE_UID,
        "name": "Observatoire ClickHouse",
        "type": PLUGIN,
        "access": "proxy",
        "jsonData": {
            "host": parts.hostname or "127.0.0.1",
            "port": parts.port or (8443 if secure else 8123),
            "protocol": "http",
            "secure": secure,
            "username": unquote(parts.username or "default"),
            "defaultDatabase": database,
        },
        "secureJsonData": {"password": unquote(parts.password or "")},
    }


def prometheus_source(url: str) -> dict[str, Any]:
    """Return the data source of operations; Prometheus asks for no password inside."""
    return {
        "uid": PROMETHEUS_UID,
        "name": "Observatoire Prometheus",
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "jsonData": {"httpMethod": "POST"},
    }


def _existing(get: Callable[[str], Any], uid: str) -> dict[str, Any] | None:
    """Return what stands under a uid, or None."""
    try:
        return cast("dict[str, Any]", get(uid))
    except GrafanaClientError as error:
        if error.status_code == 404:
            return None
        raise


def _folder(grafana: Any, uid: str, title: str) -> str:
    if _existing(grafana.folder.get_folder, uid):
        return "unchanged"
    grafana.folder.create_folder(title, uid=uid)
    return "created"


def _source(grafana: Any, wanted: dict[str, Any]) -> str:
    """Create or rewrite the data source; its password cannot be compared, so it is written."""
    if _existing(grafana.datasource.get_datasource_by_uid, wanted["uid"]) is None:
        grafana.datasource.create_datasource(wanted)
        return "created"
    grafana.datasource.update_datasource_by_uid(wanted["uid"], wanted)
    return "updated"


def _dashboard(grafana: Any, model: dict[str, Any], folder: str) -> str:
    held = _existing(grafana.dashboard.get_dashboard, model["uid"])
    if held is not None and _same(held["dashboard"], model):
        return "unchanged"
    grafana.dashboard.update_dashboard(
        {"dashboard": {**model, "id": None}, "folderUid": folder, "overwrite": True}
    )
    return "created" if held is None else "updated"


def _same(held: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Compare two dashboards, leaving out what Grafana numbers itself."""
    ours = {name: value for name, value in wanted.items() if name not in ("id", "version")}
    return all(held.get(name) == value for name, value in ours.items())
