"""What the doctor looks at, by name."""

from typing import Literal

Part = Literal["settings", "database", "broker", "engine", "mail", "hooks"]
