"""A Grafana that keeps what it is given and refuses what its published HTTP API does not describe.

Paths, methods and bodies are those of Grafana's HTTP API (folders, data sources by uid,
dashboards); bodies are checked against schemas written from it, unknown fields refused.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema

TEXT = {"type": "string"}
FOLDER = {
    "type": "object",
    "properties": {"title": TEXT, "uid": TEXT, "parentUid": TEXT, "description": TEXT},
    "required": ["title"],
    "additionalProperties": False,
}
SOURCE = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "type": TEXT,
        "access": {"enum": ["proxy", "direct"]},
        "uid": {"type": "string", "maxLength": 40, "pattern": "^[a-zA-Z0-9_-]+$"},
        "url": TEXT,
        "user": TEXT,
        "database": TEXT,
        "basicAuth": {"type": "boolean"},
        "basicAuthUser": TEXT,
        "withCredentials": {"type": "boolean"},
        "isDefault": {"type": "boolean"},
        "jsonData": {"type": "object"},
        "secureJsonData": {"type": "object", "additionalProperties": TEXT},
        "version": {"type": "integer"},
    },
    "required": ["name", "type", "access"],
    "additionalProperties": False,
}
DASHBOARD = {
    "type": "object",
    "properties": {
        "dashboard": {
            "type": "object",
            "properties": {
                "uid": {"type": "string", "maxLength": 40, "pattern": "^[a-zA-Z0-9_-]+$"},
                "title": {"type": "string", "minLength": 1},
            },
            "required": ["title"],
        },
        "folderUid": TEXT,
        "folderId": {"type": "integer"},
        "message": TEXT,
        "overwrite": {"type": "boolean"},
        "isFolder": {"type": "boolean"},
        "userId": {"type": "integer"},
    },
    "required": ["dashboard"],
    "additionalProperties": False,
}


@dataclass
class FakeGrafana:
    """What a Grafana holds, and the requests that it was asked."""

    user: str = "admin"
    password: str = "secret"
    url: str = ""
    folders: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Any] = field(default_factory=dict)
    dashboards: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Answer one request as Grafana does."""
        self.requests.append(f"{method} {path}")
        for verb, pattern, act in ROUTES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                try:
                    return act(self, body, *found.groups())
                except jsonschema.ValidationError as error:
                    return 400, {"message": error.message}
        return 404, {"message": "Not found"}


def _get(kept: dict[str, Any], uid: str) -> tuple[int, Any]:
    return (200, kept[uid]) if uid in kept else (404, {"message": "not found"})


def _create_folder(grafana: FakeGrafana, body: Any) -> tuple[int, Any]:
    jsonschema.validate(body, FOLDER)
    if body["uid"] in grafana.folders:
        return 409, {"message": "a folder with the same uid already exists"}
    grafana.folders[body["uid"]] = {**body, "id": 1}
    return 200, grafana.folders[body["uid"]]


def _create_source(grafana: FakeGrafana, body: Any) -> tuple[int, Any]:
    jsonschema.validate(body, SOURCE)
    if body["uid"] in grafana.sources:
        return 409, {"message": "data source with the same uid already exists"}
    grafana.sources[body["uid"]] = body
    return 200, {"message": "Datasource added", "datasource": body}


def _update_source(grafana: FakeGrafana, body: Any, uid: str) -> tuple[int, Any]:
    jsonschema.validate(body, SOURCE)
    if uid not in grafana.sources:
        return 404, {"message": "Data source not found"}
    grafana.sources[uid] = body
    return 200, {"message": "Datasource updated", "datasource": body}


def _save_dashboard(grafana: FakeGrafana, body: Any) -> tuple[int, Any]:
    jsonschema.validate(body, DASHBOARD)
    if body.get("folderUid") not in grafana.folders:
        return 400, {"message": "folder not found"}
    model = body["dashboard"]
    held = grafana.dashboards.get(model["uid"])
    if held and not body.get("overwrite") and held["dashboard"]["version"] != model.get("version"):
        return 412, {"message": "The dashboard has been changed by someone else"}
    version = held["dashboard"]["version"] + 1 if held else 1
    grafana.dashboards[model["uid"]] = {
        "dashboard": {**model, "id": 7, "version": version},
        "meta": {"folderUid": body["folderUid"]},
    }
    return 200, {"id": 7, "uid": model["uid"], "status": "success", "version": version}


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", r"/api/folders/([\w-]+)", lambda grafana, _, uid: _get(grafana.folders, uid)),
    ("POST", r"/api/folders", _create_folder),
    ("GET", r"/api/datasources/uid/([\w-]+)", lambda grafana, _, uid: _get(grafana.sources, uid)),
    ("POST", r"/api/datasources", _create_source),
    ("PUT", r"/api/datasources/uid/([\w-]+)", _update_source),
    ("GET", r"/api/dashboards/uid/([\w-]+)", lambda g, _, uid: _get(g.dashboards, uid)),
    ("POST", r"/api/dashboards/db", _save_dashboard),
]


@contextmanager
def running() -> Iterator[FakeGrafana]:
    """Serve one on a free port, asking for its user and password."""
    grafana = FakeGrafana()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if not (self.headers.get("authorization") or "").startswith("Basic "):
                status, answer = 401, {"message": "Unauthorized"}
            else:
                given = json.loads(body) if body else None
                status, answer = grafana.answer(self.command, self.path.rstrip("/"), given)
            payload = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    grafana.url = f"http://{grafana.user}:{grafana.password}@127.0.0.1:{server.server_port}"
    try:
        yield grafana
    finally:
        server.shutdown()
        server.server_close()
