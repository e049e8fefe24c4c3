"""The doctor on the small state: which database it is, and of which version."""

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text

from deploy.doctor.state import look_at_state
from libs.settings import MissingSetting, Settings
from services.api.store.opening import store_of
from services.cli import main


def looked(url: str) -> str | None:
    (found,) = look_at_state(Settings(installation="simulation", database_url=url))
    return found.fault


def test_one_of_this_version_is_well(database_url):
    assert looked(database_url) is None


def test_one_without_tables_is_the_wrong_one(empty_url):
    assert looked(empty_url) == "wrong-database"


@pytest.mark.parametrize(
    ("revision", "name"), [("0001", "old-database"), ("9999", "newer-database")]
)
def test_one_of_another_version_is_told(database_url, revision, name):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        held = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": revision})
    try:
        assert looked(database_url) == name
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": held})
        engine.dispose()


def test_one_that_is_not_there_is_told_and_not_made(tmp_path):
    assert looked(f"sqlite:///{tmp_path}/none.db") == "wrong-database"
    assert not (tmp_path / "none.db").exists()


@pytest.mark.proof
def test_who_is_refused_is_told(postgres_url):
    other = make_url(postgres_url).set(username="nobody", password="hunter2")
    url = other.render_as_string(hide_password=False)
    (found,) = look_at_state(Settings(installation="simulation", database_url=url))
    assert found.fault == "database-password"
    assert "hunter2" not in f"{found}"


def test_a_command_in_the_wrong_folder_says_so_and_makes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "simulation")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    said = CliRunner().invoke(main, ["accounts", "of", "62498"])
    assert said.exit_code == 1
    assert "DATABASE_URL" in said.output
    assert not list(tmp_path.iterdir())


def test_a_live_installation_goes_by_no_default(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(MissingSetting, match="DATABASE_URL"):
        store_of(Settings(installation="live"))


@pytest.mark.parametrize("service", ["api", "scorer", "collector", "alerts"])
def test_no_service_of_a_live_installation_starts_on_defaults(service, monkeypatch):
    for name in ("KAFKA_URL", "CLICKHOUSE_URL", "DATABASE_URL", "PORTAL_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OBSERVATOIRE_INSTALLATION", "live")
    said = CliRunner().invoke(main, [service, "run"])
    assert said.exit_code == 1
    assert "KAFKA_URL" in said.output
