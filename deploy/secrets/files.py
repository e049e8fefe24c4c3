"""Which secrets an installation has, and how they agree: a password stands in two of them.

A file has the name of its setting in small letters (`Settings` reads the folder); those that no
setting reads are for the stores. What people must give themselves (`{}`) is there to be filled.
"""

import hashlib
import json
import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.grafana.reader import grants
from libs.sealing import new_pair

OWNER, READER = "observatoire", "grafana"


class AlreadyThere(Exception):
    """Some files are there: a new password would close what the old one opens."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """By which names the services reach the stores and Grafana."""

    clickhouse: str = "clickhouse:8123"
    postgres: str = "postgres:5432"
    grafana: str = "grafana:3000"


def made(installation: str, hosts: Hosts) -> dict[str, str]:
    """Return new secrets, name of the file → content."""
    owner, reader, postgres, grafana = (chance.token_urlsafe(24) for _ in range(4))
    (private, public), (token_private, token_public) = new_pair(), new_pair()
    return {
        "clickhouse_url": f"http://{OWNER}:{owner}@{hosts.clickhouse}",
        "clickhouse_reader_url": f"http://{READER}:{reader}@{hosts.clickhouse}",
        "clickhouse_users": users(owner, reader, f"observatoire_{installation}"),
        "database_url": f"postgresql+psycopg://{OWNER}:{postgres}@{hosts.postgres}/{OWNER}",
        "postgres_password": postgres,
        "grafana_password": grafana,
        "grafana_url": f"http://admin:{grafana}@{hosts.grafana}",
        "observatoire_operator_token": chance.token_urlsafe(24),
        "observatoire_agents_key": chance.token_urlsafe(32),
        "observatoire_recipients_private_keys": json.dumps([private]),
        "observatoire_recipients_public_key": public,
        "observatoire_tokens_private_keys": json.dumps([token_private]),
        "observatoire_tokens_public_key": token_public,
        "observatoire_network_tokens": "{}",
        "observatoire_network_applications": "{}",
        "observatoire_channel_urls": "{}",
        "observatoire_channel_tokens": "{}",
    }


def users(owner: str, reader: str, database: str) -> str:
    """Return ClickHouse's users: the line's, and Grafana's, which may read what panels read.

    `readonly` 2, not 1: Grafana's plugin sets limits of its own on each query.
    """
    granted = "".join(f"        <query>{one}</query>\n" for one in grants(database))
    return f"""<clickhouse>
  <profiles>
    <reader>
      <readonly>2</readonly>
      <max_execution_time>20</max_execution_time>
      <max_memory_usage>1000000000</max_memory_usage>
      <max_result_rows>100000</max_result_rows>
    </reader>
  </profiles>
  <users>
    <default remove="1"/>
    <{OWNER}>
      <password_sha256_hex>{_hashed(owner)}</password_sha256_hex>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>0</access_management>
    </{OWNER}>
    <{READER}>
      <password_sha256_hex>{_hashed(reader)}</password_sha256_hex>
      <networks><ip>::/0</ip></networks>
      <profile>reader</profile>
      <quota>default</quota>
      <grants>
{granted}      </grants>
    </{READER}>
  </users>
</clickhouse>
"""


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files into a folder of their own.

    The folder is its owner's alone; in containers files are read by other users than hers, so they
    are readable by all who get there. Raises `AlreadyThere`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if there := sorted(name for name in files if (folder / name).exists()):
        raise AlreadyThere(", ".join(there))
    for name, content in files.items():
        path = folder / name
        path.write_text(content, encoding="utf-8")
        path.chmod(0o444)


def _hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
