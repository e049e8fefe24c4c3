"""The environment of the demonstration's services, for commands run beside it (`demo env`)."""

import os
import shlex
from pathlib import Path

from deploy.local.supervision.plan import Part, Plan

_FILE = "environment"
_SPOKEN_TO = "scorer"
"""The part whose environment is kept: that of any service, but for its own ports and name."""
_OF_THE_PART = frozenset({"OBSERVATOIRE_PORT", "OBSERVATOIRE_OPS_PORT", "OBSERVATOIRE_INSTANCE"})


def keep_exports(folder: Path, plan: Plan) -> None:
    """Write the environment of the line for ``exports``; its owner only may read it."""
    told = [part for part in plan if isinstance(part, Part) and part.name == _SPOKEN_TO]
    lines = [
        f"export {name}={shlex.quote(value)}\n"
        for part in told
        for name, value in sorted(part.environment.items())
        if name not in _OF_THE_PART
    ]
    descriptor = os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)


def exports(folder: Path) -> str:
    """Return lines ``export NAME=value`` for a shell; none when the demonstration was never run."""
    path = folder / _FILE
    return path.read_text(encoding="utf-8") if path.exists() else ""
