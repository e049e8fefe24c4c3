"""All the looks together, side by side."""

import asyncio

from deploy.doctor.broker import look_at_broker
from deploy.doctor.engine import look_at_engine
from deploy.doctor.finding import Finding, fault
from deploy.doctor.outside import look_at_hooks, look_at_mail
from deploy.doctor.state import look_at_state
from libs.settings import Settings

NEEDED = {
    "kafka_url": "KAFKA_URL",
    "clickhouse_url": "CLICKHOUSE_URL",
    "database_url": "DATABASE_URL",
    "portal_url": "PORTAL_URL",
    "operator_token": "OBSERVATOIRE_OPERATOR_TOKEN",
    "recipients_public_key": "OBSERVATOIRE_RECIPIENTS_PUBLIC_KEY",
    "publisher": "OBSERVATOIRE_PUBLISHER",
}


async def look(settings: Settings, *, replicas: int | None = None) -> list[Finding]:
    """Return what is found, part after part; hooks are asked where the database can be read."""
    state = await asyncio.to_thread(look_at_state, settings)
    asked = [look_at_broker(settings, replicas), look_at_engine(settings), look_at_mail(settings)]
    if all(one.fault is None for one in state):
        asked.append(look_at_hooks(settings))
    found = await asyncio.gather(*asked)
    return [*_settings(settings), *state, *(finding for part in found for finding in part)]


def _settings(settings: Settings) -> list[Finding]:
    if settings.installation != "live":
        return []
    return [
        fault(
            "missing-setting", "Réglages", f"{variable} n’est pas donné",
            "docs/settings.md ; `observatoire secrets create` fait ceux qui sont secrets",
        )
        for name, variable in NEEDED.items()
        if name not in settings.model_fields_set
    ]  # fmt: skip
