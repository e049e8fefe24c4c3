"""The environment of what we compare ourselves with (.venv-bench), made when it is missing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench_python(needed: str) -> str | None:
    """Return its interpreter; None where it cannot be made, or `needed` is not in it."""
    environment = ROOT / ".venv-bench"
    python = environment / "bin" / "python"
    requirements = ROOT / "requirements" / "bench.txt"
    install = [str(python), "-m", "pip", "install", "--quiet", "--require-hashes"]
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
            subprocess.run([*install, "-r", str(requirements)], check=True)
        subprocess.run([str(python), "-c", f"import {needed}"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(python)
