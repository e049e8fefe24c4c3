"""A Grafana that keeps what it is given, held to the description that Grafana publishes.

`grafana-openapi.json` (see `reduce_grafana`) says which paths, methods, bodies, statuses and
answers there are. A request that it does not describe is refused, and an answer of ours that it
does not describe breaks the test: the fake cannot say what Grafana does not. Two things are
stricter than the description, which forbids no further fields: a field that it does not name is
refused, since Grafana would ignore it in silence; uids keep to the form of Grafana's documentation.
"""

import json
import re
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import jsonschema

PUBLISHED: dict[str, Any] = json.loads(
    Path(__file__).with_name("grafana-openapi.json").read_text(encoding="utf-8")
)
BASE: str = PUBLISHED["servers"][0]["url"]
_UID = re.compile(r"[a-zA-Z0-9_-]{1,40}")

Answer = tuple[int, Any]


class Undescribed(Exception):
    """Something that the published description does not know."""


def _closed(schema: Any) -> Any:
    """Return a schema in which no field may stand that it does not name."""
    if isinstance(schema, list):
        return [_closed(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in cast("dict[str, Any]", schema).items()}
    if "properties" in closed and closed.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


_COMPONENTS = _closed(PUBLISHED["components"])


def check(value: object, described: dict[str, Any]) -> None:
    """Check a body against a part of the description; raises `Undescribed` naming the place."""
    schema = {"components": _COMPONENTS, **described["content"]["application/json"]["schema"]}
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for error in jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(value):
        raise Undescribed(f"{error.json_path}: {error.message}")


def operation(method: str, path: str) -> tuple[dict[str, Any], list[str]]:
    """Return the operation of a request and the parameters of its path."""
    for template, methods in PUBLISHED["paths"].items():
        found = re.fullmatch(BASE + re.sub(r"{\w+}", "([^/]+)", template), path)
        if found and method.lower() in methods:
            return methods[method.lower()], list(found.groups())
    raise Undescribed(f"{method} {path}: no such operation")


@dataclass
class FakeGrafana:
    """What a Grafana holds, the requests that it was asked, and what broke its description."""

    user: str = "admin"
    password: str = "secret"
    url: str = ""
    folders: dict[str, Any] = field(default_factory=dict[str, Any])
    sources: dict[str, Any] = field(default_factory=dict[str, Any])
    secrets: dict[str, Any] = field(default_factory=dict[str, Any])
    dashboards: dict[str, Any] = field(default_factory=dict[str, Any])
    permissions: dict[str, Any] = field(default_factory=dict[str, Any])
    requests: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])

    def answer(self, method: str, path: str, body: Any, *, known: bool = True) -> Answer:
        """Answer one request as Grafana does; `known` when it says who asks."""
        self.requests.append(f"{method} {path}")
        try:
            asked, parameters = operation(method, path)
            if "requestBody" in asked:
                check(body, asked["requestBody"])
            elif body is not None:
                raise Undescribed(f"{method} {path}: takes no body")
        except Undescribed as error:
            self.broken.append(str(error))
            return 400, {"message": f"bad request data: {error}"}
        status, answer = (
            HANDLERS[asked["operationId"]](self, body, *parameters)
            if known
            else (401, {"message": "Unauthorized"})
        )
        try:
            if str(status) not in asked["responses"]:
                raise Undescribed(f"{asked['operationId']} never answers {status}")
            check(answer, asked["responses"][str(status)])
        except Undescribed as error:
            self.broken.append(f"our own answer: {error}")
        return status, answer


def _refused(body: dict[str, Any], *required: str) -> Answer | None:
    """Refuse what Grafana refuses though its description marks no field of it as required."""
    missing = [name for name in required if not body.get(name)]
    if missing:
        return 400, {"message": f"bad request data: {missing[0]} is empty"}
    if not _UID.fullmatch(body.get("uid", "-")):
        return 400, {"message": "uid contains illegal characters or is too long"}
    return None


def _get_folder(grafana: FakeGrafana, _: Any, uid: str) -> Answer:
    if uid not in grafana.folders:
        return 404, {"message": "folder not found", "status": "not-found"}
    return 200, grafana.folders[uid]


def _create_folder(grafana: FakeGrafana, body: Any) -> Answer:
    if refused := _refused(body, "title"):
        return refused
    uid = body.get("uid", "made-by-grafana")
    if uid in grafana.folders:
        return 409, {"message": "a folder with the same uid already exists"}
    grafana.folders[uid] = {
        "id": 1, "uid": uid, "title": body["title"], "url": f"/dashboards/f/{uid}/{uid}",
        "created": "2026-11-24T08:00:00Z", "createdBy": "admin",
    }  # fmt: skip
    everybody = [{"role": "Editor", "permission": 2}, {"role": "Viewer", "permission": 1}]
    grafana.permissions[uid] = [{"userId": 1, "permission": 4}, *everybody]
    return 200, grafana.folders[uid]


def _get_permissions(grafana: FakeGrafana, _: Any, uid: str) -> Answer:
    """Grafana says of each what it is of, with zeros for what it is not."""
    if uid not in grafana.folders:
        return 404, {"message": "folder not found"}
    zeros = {"userId": 0, "teamId": 0, "folderUid": uid, "isFolder": True}
    return 200, [zeros | one for one in grafana.permissions[uid]]


def _put_permissions(grafana: FakeGrafana, body: Any, uid: str) -> Answer:
    """What is put takes the place of all that was there."""
    if uid not in grafana.folders:
        return 404, {"message": "folder not found"}
    grafana.permissions[uid] = body["items"]
    return 200, {"message": "Folder permissions updated"}


def _get_source(grafana: FakeGrafana, _: Any, uid: str) -> Answer:
    if uid not in grafana.sources:
        return 404, {"message": "Data source not found"}
    return 200, grafana.sources[uid]


def _keep_source(grafana: FakeGrafana, body: dict[str, Any], uid: str, message: str) -> Answer:
    """Keep a data source: its secrets go in and never come out again."""
    grafana.secrets[uid] = body.get("secureJsonData", {})
    version = grafana.sources.get(uid, {"version": 0})["version"] + 1
    held = {name: value for name, value in body.items() if name != "secureJsonData"}
    secure = dict.fromkeys(grafana.secrets[uid], True)
    defaults = {"id": 1, "orgId": 1, "readOnly": False, "basicAuth": False, "database": ""}
    grafana.sources[uid] = defaults | held | {"version": version, "secureJsonFields": secure}
    source = grafana.sources[uid]
    return 200, {"id": 1, "name": source["name"], "message": message, "datasource": source}


def _create_source(grafana: FakeGrafana, body: Any) -> Answer:
    # The description knows no 400 here.
    if _refused(body, "name", "type", "access"):
        return 500, {"message": "Failed to add datasource"}
    uid = body.get("uid", "made-by-grafana")
    if uid in grafana.sources:
        return 409, {"message": "data source with the same uid already exists"}
    return _keep_source(grafana, body, uid, "Datasource added")


def _update_source(grafana: FakeGrafana, body: Any, uid: str) -> Answer:
    if _refused(body, "name", "type", "access") or uid not in grafana.sources:
        return 500, {"message": "Failed to update datasource"}
    return _keep_source(grafana, body, uid, "Datasource updated")


def _get_dashboard(grafana: FakeGrafana, _: Any, uid: str) -> Answer:
    if uid not in grafana.dashboards:
        return 404, {"message": "Dashboard not found"}
    return 200, grafana.dashboards[uid]


def _save_dashboard(grafana: FakeGrafana, body: Any) -> Answer:
    model = body.get("dashboard")
    if not isinstance(model, dict):
        return 400, {"message": "bad request data"}
    model = cast("dict[str, Any]", model)
    if refused := _refused(model, "title"):
        return refused
    if body.get("folderUid") not in grafana.folders:
        return 400, {"message": "folder not found"}
    uid = model.get("uid", "made-by-grafana")
    held = grafana.dashboards.get(uid)
    if held and not body.get("overwrite") and held["dashboard"]["version"] != model.get("version"):
        return 412, {"message": "The dashboard has been changed by someone else"}
    version = held["dashboard"]["version"] + 1 if held else 1
    url = f"/d/{uid}/{uid}"
    grafana.dashboards[uid] = {
        "dashboard": {**model, "id": 7, "version": version},
        "meta": {"folderUid": body["folderUid"], "url": url, "slug": uid, "version": version},
    }
    done: dict[str, Any] = {"id": 7, "uid": uid, "url": url, "status": "success"}
    return 200, done | {"version": version, "title": uid, "folderUid": body["folderUid"]}


HANDLERS: dict[str, Callable[..., Answer]] = {
    "getFolderByUID": _get_folder, "createFolder": _create_folder,
    "getDataSourceByUID": _get_source, "addDataSource": _create_source,
    "updateDataSourceByUID": _update_source, "getDashboardByUID": _get_dashboard,
    "postDashboard": _save_dashboard, "getFolderPermissionList": _get_permissions,
    "updateFolderPermissions": _put_permissions,
}  # fmt: skip


@contextmanager
def running(certificate: Path | None = None) -> Generator[FakeGrafana]:
    """Serve one on a free port, asking for its user and password; by TLS with a certificate.

    Raises `Undescribed` at the end when a request, or an answer of ours, was not as described.
    """
    grafana = FakeGrafana()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            known = (self.headers.get("authorization") or "").startswith("Basic ")
            given = json.loads(body) if body else None
            status, answer = grafana.answer(self.command, self.path.rstrip("/"), given, known=known)
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
    scheme, host = "http", "127.0.0.1"
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme, host = "https", "localhost"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    grafana.url = f"{scheme}://{grafana.user}:{grafana.password}@{host}:{server.server_port}"
    try:
        yield grafana
    finally:
        server.shutdown()
        server.server_close()
    if grafana.broken:
        raise Undescribed("; ".join(grafana.broken))
