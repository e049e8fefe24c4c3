import asyncio
import copy
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from grafana_client.client import GrafanaUnauthorizedError
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from openapi_spec_validator import validate

from contracts.operations.metrics import all_metrics
from contracts.operations.objectives import RECORDED, windows
from contracts.panels import DASHBOARDS
from contracts.panels.annotations import ANNOTATIONS
from contracts.panels.panel import Panel, Variable
from libs.engine import client
from libs.grafana.commands import grafana as grafana_command
from libs.grafana.provisioning import provisioned
from libs.grafana.render import MARK, PROMETHEUS_UID, SOURCE_UID, dashboards, rendered, write
from libs.grafana.sync import FOLDERS, OPS, PUBLIC, Wanted, connect, data_source, sync
from services.api.figures.views import VIEWS
from tests.api.engine_world import fill
from tests.authority import certificate
from tests.libs.grafana.fake_grafana import HANDLERS, PUBLISHED, FakeGrafana, operation, running
from tests.libs.grafana.reduce_grafana import OPERATIONS

ROOT = Path(__file__).resolve().parents[3]
CLICKHOUSE = "http://reader:p%40ss@clickhouse.example:8123"
UIDS = [f"simulation-{board.slug}" for board in DASHBOARDS]
PARTS = [part for board in DASHBOARDS for part in (*board.panels, *board.variables)]
RANGE = {"date_from": "2026-10-25", "date_to": "2026-11-24", "at": "2026-11-24T08:00:00.000Z"}
VALUES = {
    "period": ["2026-10", "2026-08", "2020-01", ""],
    "other_territory": ["00103", "l'Île", ""],
    "other_account": ["00103-bluesky", "l'inconnu", ""],
    "territory": ["00101", "000000001", "l'Île", ""],
    "network": ["", "bluesky", "facebook", "aucun"],
    "account": ["00101-bluesky", "00101-facebook", "l'inconnu", ""],
    "category": ["", "petites-villes", "regions"],
    "departement": ["", "001", "99"],
    "region": ["", "01", "99"],
    "search": ["", "ESSAI", "l'Île", "%"],
    "other_search": ["", "nulle part"],
}
"""Every kind of value of each variable: one that has rows, « Tous », a stranger, a quote."""


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    with running() as server:
        yield server


WANTED = Wanted("simulation", CLICKHOUSE, "observatoire_simulation", "http://prometheus:9090")
PORTAL_URL = "https://observatoire.example"


def push(grafana: FakeGrafana, *, look_only: bool = False):
    return sync(connect(grafana.url), WANTED, look_only=look_only)


def test_sync_trusts_the_authority_of_the_installation(tmp_path):
    authority = certificate(tmp_path / "ca.pem", "localhost")
    with running(authority) as grafana:
        with pytest.raises(OSError, match="certificate"):
            sync(connect(grafana.url), WANTED)
        done = sync(connect(grafana.url, authority), WANTED)
    assert set(done.outcomes.values()) == {"created"}


def test_sync_puts_folder_source_and_dashboard(grafana):
    done = push(grafana)
    assert {f"dashboard {uid}" for uid in UIDS} < done.outcomes.keys()
    assert set(done.outcomes.values()) == {"created"}
    source = grafana.sources[SOURCE_UID]
    assert source["jsonData"]["host"] == "clickhouse.example"
    assert source["jsonData"]["defaultDatabase"] == "observatoire_simulation"
    assert source["secureJsonFields"] == {"password": True}
    assert grafana.secrets[SOURCE_UID] == {"password": "p@ss"}
    folders = {uid: held["meta"]["folderUid"] for uid, held in grafana.dashboards.items()}
    assert set(folders.values()) == {folder.uid for folder in FOLDERS}
    assert {uid for uid, folder in folders.items() if folder == "observatoire-ops"} == {
        "simulation-exploitation",
        "simulation-objectifs-de-service",
    }


def test_sync_again_changes_nothing(grafana):
    push(grafana)
    before = copy.deepcopy((grafana.dashboards, grafana.folders, grafana.permissions))
    again = push(grafana)
    assert set(again.outcomes.values()) == {"unchanged"}
    assert not again.differences
    assert (grafana.dashboards, grafana.folders, grafana.permissions) == before


def test_visitors_see_the_public_folder_and_not_that_of_operations(grafana):
    push(grafana)
    viewer, editor = ({"role": role, "permission": 1} for role in ("Viewer", "Editor"))
    assert grafana.permissions == {PUBLIC.uid: [viewer, editor], OPS.uid: [editor]}


def _retitle(grafana: FakeGrafana) -> str:
    grafana.dashboards["simulation-ma-collectivite"]["dashboard"]["panels"][1]["title"] = "Autre"
    return "dashboard simulation-ma-collectivite"


def _move(grafana: FakeGrafana) -> str:
    grafana.dashboards["simulation-exploitation"]["meta"]["folderUid"] = PUBLIC.uid
    return "dashboard simulation-exploitation"


def _open(grafana: FakeGrafana) -> str:
    grafana.permissions[OPS.uid].append({"role": "Viewer", "permission": 1})
    return f"folder {OPS.uid}"


def _point_elsewhere(grafana: FakeGrafana) -> str:
    grafana.sources[SOURCE_UID]["jsonData"]["username"] = "observatoire"
    return f"source {SOURCE_UID}"


@pytest.mark.parametrize(
    ("change", "place"),
    [(_retitle, "panels[1].title"), (_move, "folder"), (_open, "permissions"),
     (_point_elsewhere, "jsonData.username")],
)  # fmt: skip
def test_what_somebody_changed_is_told_and_brought_back(grafana, change, place):
    push(grafana)
    name = change(grafana)
    changed = copy.deepcopy((grafana.dashboards, grafana.sources, grafana.permissions))
    seen = push(grafana, look_only=True)
    assert {one for one, outcome in seen.outcomes.items() if outcome == "differs"} == {name}
    assert seen.differences == {name: [place]}
    assert (grafana.dashboards, grafana.sources, grafana.permissions) == changed
    assert push(grafana).outcomes[name] == "updated"
    assert not push(grafana, look_only=True).drifted


def test_looking_at_an_empty_grafana_changes_nothing(grafana):
    seen = push(grafana, look_only=True)
    assert set(seen.outcomes.values()) == {"missing"}
    assert not grafana.dashboards
    assert not grafana.folders


def test_the_command_says_what_it_did_and_what_fails(grafana, monkeypatch):
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "simulation")
    monkeypatch.setenv("GRAFANA_URL", grafana.url)
    monkeypatch.setenv("CLICKHOUSE_URL", CLICKHOUSE)
    said = CliRunner().invoke(grafana_command, ["sync"])
    assert said.exit_code == 0, said.output
    assert "dashboard simulation-ma-collectivite created" in said.output
    assert CliRunner().invoke(grafana_command, ["sync", "--check"]).exit_code == 0
    _retitle(grafana)
    drifted = CliRunner().invoke(grafana_command, ["sync", "--check"])
    assert drifted.exit_code == 1
    assert "simulation-ma-collectivite differs (panels[1].title)" in drifted.output
    refused = CliRunner().invoke(grafana_command, ["sync", "--url", "http://127.0.0.1:9"])
    assert refused.exit_code == 1
    assert "Grafana did not take it" in refused.output
    monkeypatch.delenv("GRAFANA_URL")
    assert "set GRAFANA_URL" in CliRunner().invoke(grafana_command, ["sync"]).output


def test_a_secure_engine_is_reached_securely():
    assert data_source("https://engine.example", "d")["jsonData"] | {} == {
        "host": "engine.example", "port": 8443, "protocol": "http", "secure": True,
        "username": "default", "defaultDatabase": "d",
    }  # fmt: skip


def test_what_sync_asks_is_what_the_description_was_reduced_to(grafana):
    validate(PUBLISHED)
    push(grafana)
    push(grafana)
    asked = {operation(*request.split(" ", 1))[0]["operationId"] for request in grafana.requests}
    assert asked == set(HANDLERS) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/api/folder/observatoire", None, "no such operation"),
        ("DELETE", "/api/folders/observatoire", None, "no such operation"),
        ("POST", "/api/folders", {"title": "Observatoire", "uuid": "x"}, "'uuid' was unexpected"),
        ("POST", "/api/datasources", {"name": "x", "secureJsonData": {"a": 1}}, "secureJsonData.a"),
        ("POST", "/api/dashboards/db", {"dashboard": {}, "overwrite": "yes"}, "overwrite"),
        ("GET", "/api/datasources/uid/x", {"name": "x"}, "takes no body"),
    ],
)
def test_the_fake_refuses_what_is_not_described(method, path, body, said):
    grafana = FakeGrafana()
    status, _ = grafana.answer(method, path, body)
    assert status == 400
    assert said in grafana.broken[0]


@pytest.mark.parametrize(
    "held", [{"uid": "x", "name": 1}, {"uid": "x", "secureJsonData": {"password": "p"}}]
)
def test_the_fake_cannot_answer_what_is_not_described(held):
    grafana = FakeGrafana(sources={"x": held})
    grafana.answer("GET", "/api/datasources/uid/x", None)
    assert grafana.broken[0].startswith("our own answer")


def test_who_gives_no_password_is_told_so_as_described(grafana):
    with pytest.raises(GrafanaUnauthorizedError):
        sync(connect(grafana.url.replace("admin:secret@", "")), WANTED)


@pytest.mark.parametrize("path", dashboards(), ids=str)
def test_dashboards_hold_what_grafanas_schema_knows(path):
    # The models are generated from Grafana's schemas: what they do not know gets lost.
    board = json.loads(dashboards()[path])
    for mark in board["annotations"]["list"]:
        for own in ("target", "step", "titleFormat"):  # of the plugin that is asked
            mark.pop(own, None)
    held = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(board)))
    for mark in held["annotations"]["list"]:
        assert not mark.pop("builtIn", 0)
        assert not mark.pop("hide", False)
    assert held == board


@pytest.mark.parametrize("path", dashboards(), ids=str)
def test_committed_dashboards_are_what_the_panels_say(path):
    assert (ROOT / path).read_text(encoding="utf-8") == dashboards()[path]


def test_every_committed_dashboard_is_generated():
    held = {path.relative_to(ROOT) for path in (ROOT / "deploy/grafana").rglob("*.json")}
    assert held == set(dashboards())


@pytest.mark.parametrize(("path", "text"), dashboards().items(), ids=lambda value: str(value)[:40])
def test_titles_are_marked_in_a_simulation_only(path, text):
    board = json.loads(text)
    titles = [board["title"], *(panel["title"] for panel in board["panels"])]
    assert {title.startswith(MARK) for title in titles} == {"simulation" in path.parts}


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.slug)
def test_portal_and_grafana_ask_the_same_statement(board):
    drawn = json.loads(dashboards()[Path(f"deploy/grafana/live/{board.slug}.json")])
    asked = [panel["targets"][0].get("rawSql") for panel in drawn["panels"]]
    assert asked[: len(board.panels)] == [panel.sql(write) for panel in board.panels]
    measured = [
        one["expr"] for panel in drawn["panels"] for one in panel["targets"] if "expr" in one
    ]
    assert measured == [curve[1] for one in board.measures for curve in one.curves]
    questions = [one.question for one in (*board.panels, *board.measures)]
    assert [panel["title"] for panel in drawn["panels"]] == questions


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.slug)
def test_every_panel_says_what_to_do(board):
    assert board.panels or board.measures
    assert all(one.advice.endswith((".", "?")) for one in (*board.panels, *board.measures))


def test_measures_read_metrics_that_there_are():
    known = {one.shown for one in all_metrics()}
    known |= {f"{one.shown}_bucket" for one in all_metrics() if one.buckets}
    known |= {f"{RECORDED}_{window}" for window in windows()}
    for board in DASHBOARDS:
        for _, expression in (curve for one in board.measures for curve in one.curves):
            names = re.findall(r"\b(?:objective:)?observatoire_[a-z_:0-9]+", expression)
            assert names
            assert set(names) <= known


@pytest.mark.proof
def test_prometheus_reads_every_measure(tmp_path):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt install prometheus)")
    curves = [curve for board in DASHBOARDS for one in board.measures for curve in one.curves]
    rules = [{"record": f"measure_{n}", "expr": one} for n, (_, one) in enumerate(curves)]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"groups": [{"name": "measures", "rules": rules}]}))
    told = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.slug)
def test_each_leads_to_the_others_and_to_the_portal(board):
    drawn = json.loads(rendered(board, "live", PORTAL_URL + "/"))
    others, *out = drawn["links"]
    assert others["type"] == "dashboards"
    assert set(others["tags"]) < set(drawn["tags"])
    assert out
    assert all(one["url"].startswith(f"{PORTAL_URL}/") for one in out)
    names = {one["name"] for one in drawn["templating"].get("list", [])}
    assert {name for one in out for name in re.findall(r"\$\{(\w+)\}", one["url"])} <= names


def test_files_of_provisioning_say_the_same_without_a_secret():
    files = dict(provisioned(WANTED, Path("/etc/grafana/provisioning")))
    said = yaml.safe_load(files[Path("dashboards/observatoire.yaml")])
    folders = {one["folderUid"]: one["options"]["path"] for one in said["providers"]}
    assert folders.keys() == {folder.uid for folder in FOLDERS}
    boards = [path for path in files if path.suffix == ".json"]
    assert {str(Path("/etc/grafana/provisioning") / path.parent) for path in boards} == {
        *folders.values()
    }
    assert len(boards) == len(DASHBOARDS)
    assert "p@ss" not in "".join(files.values())
    sources = yaml.safe_load(files[Path("datasources/observatoire.yaml")])["datasources"]
    assert [one["uid"] for one in sources] == [SOURCE_UID, PROMETHEUS_UID]


def test_dashboards_read_only_the_views():
    names = set(VIEWS)
    for part in PARTS:
        assert set(re.findall(r"FROM (\w+)", part.sql(write))) <= names


@pytest.fixture(scope="module")
def filled(clickhouse_url: str, database: str) -> tuple[str, str]:
    asyncio.run(fill(clickhouse_url, database))
    return clickhouse_url, database


def named(part: Panel | Variable) -> str:
    return part.slug if isinstance(part, Panel) else part.name


def needed(part: Panel | Variable) -> list[str]:
    """The variables of a statement."""
    return sorted(set(re.findall(r"\$\{(\w+):sqlstring\}", part.sql(write))))


def grafana_writes(sql: str, values: dict[str, str]) -> str:
    """Fill in a statement as Grafana does: `:sqlstring` doubles quotes, days by the time picker."""
    filled = sql
    for name, value in values.items():
        filled = filled.replace(f"${{{name}:sqlstring}}", "'" + value.replace("'", "''") + "'")
    filled = filled.replace("${__from:date:YYYY-MM-DD}", RANGE["date_from"])
    filled = filled.replace("${__to:date:iso}", RANGE["at"])
    return filled.replace("${__to:date:YYYY-MM-DD}", RANGE["date_to"])


def choices(names: list[str]) -> list[dict[str, str]]:
    """The first value of each variable; then each other value of one, the rest as first."""
    first = {name: VALUES[name][0] for name in names}
    others = [{**first, name: value} for name in names for value in VALUES[name][1:]]
    return [first, *others]


@pytest.mark.proof
@pytest.mark.engine
@pytest.mark.parametrize("part", PARTS, ids=named)
async def test_every_statement_runs_with_every_kind_of_value(part, filled):
    engine = await client.connect(*filled)
    try:
        for place, values in enumerate(choices(needed(part))):
            written = await engine.query(grafana_writes(part.sql(write), values))
            bound = part.sql(lambda name: f"{{{name}:String}}")
            rows = written.result_rows
            assert rows == (await engine.query(bound, {**values, **RANGE})).result_rows
            if place == 0:
                assert rows, "the first value of each variable has rows"
    finally:
        await engine.close()


@pytest.mark.engine
async def test_marks_over_curves_are_read(filled):
    engine = await client.connect(*filled)
    try:
        found = {
            one.tag: (await engine.query(grafana_writes(one.sql(write), {}))).result_rows
            for one in ANNOTATIONS
        }
    finally:
        await engine.close()
    assert found["mois"]
    assert found["méthodologie"]
    assert all(text for rows in found.values() for _, text, _ in rows)
