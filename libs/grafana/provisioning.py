"""The same by files: what a Grafana reads from its folder of provisioning when it starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from contracts.panels import DASHBOARDS
from libs.grafana.render import rendered
from libs.grafana.sync import FOLDERS, Wanted, folder_of

PASSWORD = "$CLICKHOUSE_READER_PASSWORD"  # noqa: S105
"""Grafana puts in the variable of its own environment: no secret stands in a file."""


def provisioned(wanted: Wanted, where: Path) -> Iterator[tuple[Path, str]]:
    """Yield files, by path under the folder `where` as Grafana sees it.

    Permissions of folders cannot be said so: `sync` sets them.
    """
    sources = [{**one, "editable": False, **_without_password(one)} for one in wanted.sources()]
    yield Path("datasources/observatoire.yaml"), _yaml({"apiVersion": 1, "datasources": sources})
    providers = [
        {
            "name": folder.uid,
            "folder": folder.title,
            "folderUid": folder.uid,
            "type": "file",
            "allowUiUpdates": False,
            "options": {"path": str(where / "dashboards" / folder.uid)},
        }
        for folder in FOLDERS
    ]
    yield Path("dashboards/observatoire.yaml"), _yaml({"apiVersion": 1, "providers": providers})
    for board in DASHBOARDS:
        path = Path("dashboards") / folder_of(board).uid / f"{board.slug}.json"
        yield path, rendered(board, wanted.installation, wanted.portal_url)


def _without_password(source: dict[str, Any]) -> dict[str, Any]:
    return {"secureJsonData": {"password": PASSWORD}} if "secureJsonData" in source else {}


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
