"""docs/settings.md: each setting of a process, its meaning, its default, whether it is secret."""

from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from contracts.channels import CHANNELS
from libs.settings import Settings

PAGE = Path("docs/settings.md")

SECRETS = frozenset(
    (
        "clickhouse_url", "clickhouse_reader_url", "database_url", "grafana_url", "operator_token",
        "agents_key", "identity_providers", "network_tokens", "channel_urls", "channel_tokens",
        "recipients_private_keys", "network_applications", "tokens_private_keys",
    )
)  # fmt: skip
"""Settings with a password or a key in them: files of `OBSERVATOIRE_SECRETS_FOLDER`."""

HEAD = """# Settings

Written from `libs/settings.py` by `make contracts`. Read from the environment, then from files of the folder
`OBSERVATOIRE_SECRETS_FOLDER` (the image: `/run/secrets`), each of the name of its variable in small letters: what is
secret belongs there (`observatoire secrets create`). A variable without `OBSERVATOIRE_` is read with it too. Live, no
service starts on a default of its brokers, stores or portal; `observatoire doctor` says what is wrong with them.

| variable | meaning | default | secret |
|---|---|---|---|
"""  # noqa: E501

TAIL = """
Beside these, one place each reads:

| variable | meaning |
|---|---|
| `OBSERVATOIRE_DEMO_PORT`, `OBSERVATOIRE_DEMO_MAIL_PORT` | ports of the demonstration, 8000 and 8025 |
| `OBSERVATOIRE_CACHE` | folder of jars, in place of `~/.cache/observatoire` |
| `OBSERVATOIRE_TOPIC_REPLICAS` | copies of each partition that `observatoire topics create` makes, 1 |
| `FORWARDED_ALLOW_IPS` | proxies whose word on a client's address the portal takes (uvicorn) |
| `OBSERVATOIRE_CHROMIUM`, `OBSERVATOIRE_RECORDINGS` | tests: the browser; real answers ([adding.md](adding.md)) |
| `OBSERVATOIRE_PAGES` | tests: `write` writes the pages of `tests/portal/pages/` anew |
"""  # noqa: E501

MEANINGS = {
    "installation": "`live` or `simulation`; nothing is assumed",
    "kafka_url": "brokers, `host:port,host:port`; by TLS and a user (SCRAM-SHA-512) "
    "`kafkas://USER@host:port?ca=FILE&password=FILE`",
    "clickhouse_url": "engine, with user and password; by TLS `https://USER:PASSWORD@host:port?ca=FILE`",
    "clickhouse_reader_url": "the same for Grafana's user, who may only read",
    "database_url": "accounts and watches: `sqlite:///…` or `postgresql+psycopg://…`; by TLS "
    "`?sslmode=verify-full&sslrootcert=FILE`",
    "portal_url": "what links in mails begin with",
    "grafana_url": "Grafana, with the user who may push dashboards",
    "prometheus_url": "Prometheus, for the curves of operations in Grafana and on the portal",
    "networks_via": "the invented networks in place of the real ones (simulation)",
    "proxy_url": "proxy for what goes outside",
    "ca_file": "PEM file of an authority of yours, beside the usual ones",
    "mail_from": "sender of mails",
    "host": "address to listen on",
    "port": "port of the portal",
    "ops_port": "port of operations: health in detail, metrics; never published",
    "clock_epoch": "instant at which a demonstration's clock begins",
    "clock_started": "machine's instant of that moment",
    "clock_started_file": "file that holds it, where containers share a volume",
    "clickhouse_cluster": "tables are replicated over a cluster",
    "intake_batch": "records read together at most",
    "intake_block": "rows inserted together at most",
    "intake_ceiling": "share of bad records beyond which intake stops",
    "instance": "name of a process that stays the same when it is started again",
    "territories_file": "registry of territories in place of the one of this version",
    "accounts_file": "addresses of accounts taken in at each start of the portal",
    "candidates_file": "declared candidates, a name a line: no watch looks for one",
    "operator_token": "opens watches and « Exploitation »; 16 characters at least",
    "allowed_hosts": "names by which the portal answers beside that of `PORTAL_URL`, JSON list",
    "agents_key": "keys hashes of agents and sessions; live, none signs in without; 32 characters",
    "identity_providers": "who else signs agents in, by OpenID Connect, JSON by a name of yours "
    "([live.md](live.md))",
    "demonstration_switch": "file or socket by which a demonstration stops its scorer",
    "network_tokens": 'credentials, JSON by network: `{"…": "key"}`',
    "network_budgets": "euros a day and credential, where reading is paid for, JSON by network",
    "press_files": "read the files of GDELT, each quarter of an hour, for what watches look for in "
    "the press (`data.gdeltproject.org`)",
    "network_applications": "our applications, by which agents connect their accounts, JSON by "
    'network, for portal and collector: `{"…": {"client_id": …, "client_secret": …}}` '
    "([live.md](live.md))",
    "channel_urls": 'where channels go, JSON by scheme: `{"mailto": "smtp://…"}`; `*`: all others',
    "channel_tokens": "keys of channels, JSON by scheme",
    "channel_forms": 'what the SMS gateway takes: `{"sms": {"path": …, "header": …, "body": …}}`',
    "recipients_public_key": "seals recipients on topics (the portal's)",
    "recipients_private_keys": "open them, newest first, JSON list (the alert service's)",
    "tokens_public_key": "seals the tokens of connected accounts (the portal's)",
    "tokens_private_keys": "open them, newest first, JSON list (the collector's)",
    "topic_namespace": "first word of topics in place of the installation (tests)",
    "database_name": "ClickHouse database in place of `observatoire_` and the installation",
    "otlp_url": "base URL of an OpenTelemetry collector, told traces by OTLP/HTTP (`…_HEADERS`: "
    "its headers); without, none are recorded",
    "traces_ratio": "share of posts that are traced; what is said by others always is",
    "contact": "where errors and rights are answered, shown to networks too",
    "publisher": "who publishes: editor, director, host, data protection, accessibility, JSON "
    "([live.md](live.md))",
    "log_level": "`DEBUG`, `INFO`, `WARNING`, `ERROR`",
}


def variable(name: str) -> str:
    """Return by which variable a field is set."""
    alias = Settings.model_fields[name].validation_alias
    choices: list[Any] = list(getattr(alias, "choices", ()))
    return str(choices[0] if choices else f"observatoire_{name}").upper()


def settings_page() -> str:
    """Return the page. Raises `KeyError` for a setting without a meaning."""
    rows = [
        f"| `{variable(name)}` | {MEANINGS[name]} | {_default(name)} | "
        f"{'yes' if name in SECRETS else ''} |"
        for name in Settings.model_fields
    ]
    rows += [
        f"| `{channel.setting}` | the same as `channel_urls` for {channel.label} | | yes |"
        for channel in CHANNELS
        if channel.setting
    ]
    return HEAD + "\n".join(rows) + "\n" + TAIL


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    empty: tuple[object, ...] = (None, PydanticUndefined, {}, ())
    return "" if default in empty else f"`{default}`"
