"""What a look found: a part that is well, or a fault by its name, with what to do."""

import re
from dataclasses import dataclass
from typing import Literal

Fault = Literal[
    "broker-away", "broker-password", "missing-topic", "few-replicas", "unread-topic",
    "wrong-installation",
    "engine-away", "engine-password", "engine-database", "old-schema", "newer-schema",
    "clock-off", "disk-nearly-full", "empty-registry", "quota-zero", "expired-token",
    "database-away", "database-password", "wrong-database", "old-database", "newer-database",
    "no-smtp", "smtp-away", "smtp-refuses", "dead-hook", "hook-away", "missing-setting",
]  # fmt: skip

_SECRET = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*@")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `fault` is None where the part is well; `says` and `do` are French sentences."""

    part: str
    says: str
    fault: Fault | None = None
    do: str = ""


def well(part: str, says: str) -> Finding:
    """Return that a part is well."""
    return Finding(part, says)


def fault(name: Fault, part: str, says: str, do: str) -> Finding:
    """Return a fault; addresses lose their user and password."""
    return Finding(part, _SECRET.sub("", says), name, do)
