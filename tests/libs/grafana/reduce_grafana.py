"""Reduces Grafana's published OpenAPI to the operations that `observatoire grafana sync` asks.

Grafana's description of its HTTP API is under the AGPL; the Go client that its authors generate
from it (`github.com/grafana/grafana-openapi-client-go`) is under the Apache License 2.0 and holds
each path, status, field, type and requirement of it. What is committed beside this module is read
from that client:

    go mod download -json github.com/grafana/grafana-openapi-client-go@VERSION   # says its Dir
    python -m tests.libs.grafana.reduce_grafana DIR > tests/libs/grafana/grafana-openapi.json

Kept: the operations below, what they refer to, and everything the client says of these. Dropped:
descriptions, examples, headers.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

OPERATIONS = (
    "getFolderByUID", "createFolder", "getDataSourceByUID", "addDataSource",
    "updateDataSourceByUID", "getDashboardByUID", "postDashboard",
    "getFolderPermissionList", "updateFolderPermissions",
)  # fmt: skip
PLAIN: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int64": {"type": "integer", "format": "int64"},
    "int32": {"type": "integer", "format": "int32"},
    "float64": {"type": "number", "format": "double"},
    "strfmt.DateTime": {"type": "string", "format": "date-time"},
    "interface{}": {},
}
_FIELD = re.compile(r'((?:\t// .*\n)*)\t\w+ (\S+) `json:"(\w+)(?:,omitempty)?"`')


class Client:
    """The Go client in a folder."""

    def __init__(self, folder: Path) -> None:
        self._sources = {path: path.read_text() for path in sorted(folder.glob("client/*/*.go"))}
        self._models: dict[str, str] = {}
        for path in sorted(folder.glob("models/*.go")):
            text = path.read_text()
            for name in re.findall(r"^type (\w+) ", text, re.MULTILINE):
                self._models[name] = text
        self.schemas: dict[str, dict[str, Any]] = {}

    def operation(self, name: str) -> tuple[str, str, dict[str, Any]]:
        """Return path, method and description of an operation."""
        method, path = self._found(
            rf'ID:\s+"{name}",\s+Method:\s+"(\w+)",\s+PathPattern:\s+"([^"]+)"'
        )
        go = name[0].upper() + name[1:]
        asked = self._source(f"type {go}Params struct")
        described: dict[str, Any] = {
            "operationId": name,
            "parameters": [
                {"name": one, "in": place.lower(), "required": True, "schema": PLAIN["string"]}
                for place, one in re.findall(r'Set(Path)Param\("(\w+)"', asked)
            ],
            "responses": self._responses(go),
        }
        if body := re.search(r"\tBody \*?models\.(\w+)", asked):
            described["requestBody"] = {"required": True, **self._json(body[1])}
        return path, method.lower(), described

    def _responses(self, go: str) -> dict[str, Any]:
        text = self._source(f"type {go}Reader struct")
        responses: dict[str, Any] = {}
        for status, kind in re.findall(r"case (\d+):\s+result := New(\w+)\(\)", text):
            payload = re.search(
                rf"type {kind} struct {{[^}}]*?Payload ((?:\[\])?\*?models\.\w+)", text, re.DOTALL
            )
            content = self._json(payload[1]) if payload else {}
            responses[status] = {"description": kind, **content}
        return responses

    def _json(self, model: str) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": self._type(model)}}}

    def _type(self, go: str) -> dict[str, Any]:
        """Return the schema of a Go type; models are described beside, once."""
        go = go.removeprefix("*").removeprefix("models.")
        if go in PLAIN:
            return PLAIN[go]
        if go.startswith("[]"):
            return {"type": "array", "items": self._type(go[2:])}
        if go.startswith("map[string]"):
            values = self._type(go.removeprefix("map[string]"))
            return {"type": "object", "additionalProperties": values}
        if go not in self.schemas:
            self.schemas[go] = {}
            self.schemas[go] = self._model(go)
        return {"$ref": f"#/components/schemas/{go}"}

    def _model(self, name: str) -> dict[str, Any]:
        text = self._models[name]
        if alias := re.search(rf"^type {name} (?!struct)(.+)$", text, re.MULTILINE):
            return self._type(alias[1])
        struct = re.search(rf"^type {name} struct {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
        if struct is None or "Pattern:" in struct[1]:
            raise ValueError(f"{name} says more than is read here")
        fields = _FIELD.findall(struct[1])
        described = {
            "type": "object",
            "properties": {field: self._type(go) | _values(said) for said, go, field in fields},
        }
        required = [field for said, _, field in fields if "// Required: true" in said]
        return described | ({"required": required} if required else {})

    def _source(self, words: str) -> str:
        return next(text for text in self._sources.values() if words in text)

    def _found(self, pattern: str) -> tuple[str, str]:
        found = next(m for text in self._sources.values() if (m := re.search(pattern, text)))
        return found[1], found[2]


def _values(said: str) -> dict[str, Any]:
    """Return what a field may be, where it says so."""
    found = re.search(r"// Enum: \[(.*)\]", said)
    return {"enum": found[1].split()} if found else {}


def reduced(folder: Path) -> dict[str, Any]:
    """Return the description of our operations, as OpenAPI 3.1."""
    client = Client(folder)
    commit = re.search(
        r"grafana/grafana/(\w+)/public", (folder / "scripts/pull-schema.sh").read_text()
    )
    paths: dict[str, dict[str, Any]] = {}
    for name in OPERATIONS:
        path, method, described = client.operation(name)
        paths.setdefault(path, {})[method] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Grafana's HTTP API: what observatoire grafana sync asks of it",
            "version": folder.name.partition("@")[2],
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
            "x-source": f"https://github.com/grafana/{folder.name.partition('@')[0]}",
            "x-described": commit and f"grafana/grafana {commit[1]} public/api-merged.json",
            "x-reduced-by": "tests/libs/grafana/reduce_grafana.py",
        },
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {"schemas": dict(sorted(client.schemas.items()))},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(reduced(Path(sys.argv[1])), indent=1) + "\n")
