"""Pushing the dashboards to Grafana: folders and who sees them, data sources, dashboards.

Speaks Grafana's HTTP API through grafana-client. What is there already under the same uid is
brought to what is wanted, nothing else is touched; what somebody changed by hand is told.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import unquote, urlsplit

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError
from wassima import generate_ca_bundle

from contracts.panels import DASHBOARDS, Dashboard
from libs.grafana.render import PLUGIN, PORTAL, PROMETHEUS_UID, SOURCE_UID, rendered


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, and the least role that sees it (an administrator sees and changes all)."""

    uid: str
    title: str
    seen_by: str

    @property
    def permissions(self) -> list[dict[str, Any]]:
        """Return who may do what there; nobody changes what is written from panels."""
        return [{"role": role, "permission": VIEW} for role in ROLES[ROLES.index(self.seen_by) :]]


ROLES = ("Viewer", "Editor")
VIEW = 1
"""Grafana's number for « view »."""
PUBLIC = Folder("observatoire", "Observatoire", "Viewer")
OPS = Folder("observatoire-ops", "Observatoire, exploitation", "Editor")
FOLDERS = (PUBLIC, OPS)
"""What a visitor without account sees (anonymous, a Viewer), and what is for who signs in as an
Editor: whoever runs the installation."""


def folder_of(board: Dashboard) -> Folder:
    """Return where a dashboard stands."""
    return OPS if board.measures else PUBLIC


TOKEN_USER = "token"  # noqa: S105
"""The user of a `GRAFANA_URL` whose password is a service account's token."""


Outcome = Literal["unchanged", "created", "updated", "missing", "differs"]
"""What was done; or, when only looking, what would be."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What was done or seen, and where what stood there differed; by « kind uid »."""

    outcomes: dict[str, Outcome]
    differences: dict[str, list[str]]

    @property
    def drifted(self) -> bool:
        """Tell whether anything was not as wanted."""
        return any(one != "unchanged" for one in self.outcomes.values())


def connect(url: str, ca_file: Path | None = None) -> Any:
    """Return a client of Grafana, with the credentials that its URL carries.

    It trusts the usual authorities, and those of a file (PEM) beside them.
    """
    parts = urlsplit(url)
    token = parts.username == TOKEN_USER and parts.password
    api = GrafanaApi.from_url(url, credential=unquote(parts.password or "") if token else None)
    if ca_file is not None:
        usual = generate_ca_bundle()
        client: Any = api.client  # takes certificates too, says its library
        client.verify = f"{usual}\n{ca_file.read_text('utf-8')}"
    return api


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which installation Grafana is, and where it reads: the reader's user is in the URL."""

    installation: str
    clickhouse_url: str
    database: str
    prometheus_url: str | None = None
    portal_url: str = PORTAL

    def sources(self) -> Iterator[dict[str, Any]]:
        """Yield the data sources."""
        yield data_source(self.clickhouse_url, self.database)
        if self.prometheus_url:
            yield prometheus_source(self.prometheus_url)


def sync(grafana: Any, wanted: Wanted, *, look_only: bool = False) -> Synced:
    """Bring folders, data sources and dashboards to what this version says; or only look.

    Raises `grafana_client`'s errors.
    """
    pushing = _Pushing(grafana, look_only)
    for folder in FOLDERS:
        pushing.folder(folder)
    for source in wanted.sources():
        pushing.source(source)
    for board in DASHBOARDS:
        model = json.loads(rendered(board, wanted.installation, wanted.portal_url))
        pushing.dashboard(model, folder_of(board).uid)
    return Synced(pushing.outcomes, pushing.differences)


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


class _Pushing:
    """Compares each thing with what stands there, and writes it unless it only looks."""

    def __init__(self, grafana: Any, look_only: bool) -> None:
        self._grafana = grafana
        self._look_only = look_only
        self.outcomes: dict[str, Outcome] = {}
        self.differences: dict[str, list[str]] = {}

    def folder(self, folder: Folder) -> None:
        api = self._grafana.folder
        held = _existing(api.get_folder, folder.uid)
        rights = _existing(api.get_folder_permissions, folder.uid) if held else None
        theirs = [
            {"role": one["role"], "permission": one["permission"]}
            for one in cast("list[dict[str, Any]]", rights or [])
            if one.get("role") in ROLES or one.get("userId") or one.get("teamId")
        ]
        different = [] if _alike(theirs, folder.permissions) else ["permissions"]
        if self._judged(f"folder {folder.uid}", held, different):
            if held is None:
                api.create_folder(folder.title, uid=folder.uid)
            api.update_folder_permissions(folder.uid, folder.permissions)

    def source(self, wanted: dict[str, Any]) -> None:
        """A password cannot be compared: it is written each time."""
        api = self._grafana.datasource
        held = _existing(api.get_datasource_by_uid, wanted["uid"])
        plain = {name: value for name, value in wanted.items() if name != "secureJsonData"}
        different = _differences(held or {}, plain)
        self._judged(f"source {wanted['uid']}", held, different)
        if self._look_only:
            return
        if held is None:
            api.create_datasource(wanted)
        elif different or "secureJsonData" in wanted:
            api.update_datasource_by_uid(wanted["uid"], wanted)

    def dashboard(self, model: dict[str, Any], folder: str) -> None:
        api = self._grafana.dashboard
        held = _existing(api.get_dashboard, model["uid"])
        ours = {name: one for name, one in model.items() if name not in ("id", "version")}
        different = _differences(held["dashboard"], ours) if held else []
        if held and held["meta"].get("folderUid") != folder:
            different.append("folder")
        if self._judged(f"dashboard {model['uid']}", held, different):
            api.update_dashboard(
                {"dashboard": {**model, "id": None}, "folderUid": folder, "overwrite": True}
            )

    def _judged(self, name: str, held: object, different: list[str]) -> bool:
        """Note the outcome; return whether to write."""
        if different:
            self.differences[name] = different
        if held is None:
            self.outcomes[name] = "missing" if self._look_only else "created"
        elif different:
            self.outcomes[name] = "differs" if self._look_only else "updated"
        else:
            self.outcomes[name] = "unchanged"
        return not self._look_only and self.outcomes[name] != "unchanged"


def _alike(held: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    return sorted(map(str, held)) == sorted(map(str, wanted))


def _differences(held: object, wanted: object, at: str = "") -> list[str]:
    """Return the places of what is wanted that is otherwise; what Grafana adds is no difference."""
    if isinstance(wanted, dict) and isinstance(held, dict):
        theirs = cast("dict[str, object]", held)
        found = [
            _differences(theirs.get(name), one, f"{at}.{name}" if at else name)
            for name, one in cast("dict[str, object]", wanted).items()
        ]
        return [place for places in found for place in places]
    if isinstance(wanted, list) and isinstance(held, list):
        ours, others = cast("list[object]", wanted), cast("list[object]", held)
        if len(ours) == len(others):
            pairs = enumerate(zip(others, ours, strict=True))
            found = [_differences(one, other, f"{at}[{n}]") for n, (one, other) in pairs]
            return [place for places in found for place in places]
    return [] if held == wanted else [at]
