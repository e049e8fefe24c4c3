"""The secrets of an installation agree with one another, and are read by the services."""

import re
import stat
import xml.etree.ElementTree as ET
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from contracts.panels import DASHBOARDS
from deploy.secrets.files import Hosts, made
from libs.sealing import Keys, Seal
from libs.settings import Settings
from services.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    said = CliRunner().invoke(main, ["secrets", "create", "--installation", "live", str(folder)])
    assert said.exit_code == 0, said.output
    return folder


def test_the_services_read_them(folder, monkeypatch):
    monkeypatch.setenv("OBSERVATOIRE_SECRETS_FOLDER", str(folder))
    settings = Settings(installation="live")
    password = (folder / "postgres_password").read_text()
    assert urlsplit(settings.database_url).password == password
    assert settings.operator_token == (folder / "observatoire_operator_token").read_text()
    sealed = Seal(settings.recipients_public_key).address("slack://T/B/X")
    assert Keys(settings.recipients_private_keys).open(sealed) != sealed
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    assert Settings(installation="live").database_url == "sqlite://"


def test_a_folder_that_is_not_there_is_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("OBSERVATOIRE_SECRETS_FOLDER", str(tmp_path / "none"))
    assert Settings(installation="live").operator_token is None


def test_they_are_their_owner_s(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o444 for one in folder.iterdir())


def test_they_are_never_written_over(folder):
    before = {path.name: path.read_text() for path in folder.iterdir()}
    said = CliRunner().invoke(main, ["secrets", "create", "--installation", "live", str(folder)])
    assert said.exit_code == 1
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_grafana_reads_what_its_panels_read_and_no_more():
    files = made("live", Hosts())
    users = ET.fromstring(files["clickhouse_users"])
    reader = urlsplit(files["clickhouse_reader_url"])
    grafana = users.find("users/grafana")
    assert grafana is not None
    hashed = sha256((reader.password or "").encode()).hexdigest()
    assert grafana.findtext("password_sha256_hex") == hashed
    grants = [query.text or "" for query in grafana.iterfind("grants/query")]
    form = re.compile(r"GRANT SELECT(\([a-z_, ]+\))? ON observatoire_live\.\w+")
    assert all(form.fullmatch(one) for one in grants)
    assert "GRANT SELECT(mention, network, observed_at) ON observatoire_live.mentions" in grants
    names = {one.rpartition(".")[2] for one in grants}
    assert {panel.view for board in DASHBOARDS for panel in board.panels} <= names
    assert not {"matches", "alerts_raised", "alerts_delivered"} & names
    default = users.find("users/default")
    assert default.get("remove") == "1"
