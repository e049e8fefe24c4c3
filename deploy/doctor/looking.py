"""All the looks together, side by side."""

import asyncio
from collections.abc import Collection
from typing import get_args

from deploy.doctor.broker import look_at_broker
from deploy.doctor.engine import look_at_engine
from deploy.doctor.finding import Finding, fault
from deploy.doctor.outside import look_at_hooks, look_at_mail
from deploy.doctor.parts import Part
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


async def look(
    settings: Settings, *, replicas: int | None = None, parts: Collection[Part] = get_args(Part)
) -> list[Finding]:
    """Return what is found, part after part; hooks are asked where the database can be read."""
    told = _settings(settings) if "settings" in parts else []
    if "database" in parts or "hooks" in parts:
        state = await asyncio.to_thread(look_at_state, settings)
        told += state if "database" in parts else []
        if any(one.fault for one in state):
            parts = [one for one in parts if one != "hooks"]
    looks = {
        "broker": lambda: look_at_broker(settings, replicas),
        "engine": lambda: look_at_engine(settings),
        "mail": lambda: look_at_mail(settings),
        "hooks": lambda: look_at_hooks(settings),
    }
    found = await asyncio.gather(*(ask() for part, ask in looks.items() if part in parts))
    return [*told, *(finding for each in found for finding in each)]


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
