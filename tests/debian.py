"""Programs of Debian packages that some proofs run; `.ci/run` installs them."""

from shutil import which

import pytest


def installed(command: str, package: str | None = None) -> str:
    """Return where a program is; the test is skipped, aloud, where it is not installed."""
    found = which(command) or which(command, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{command} is not installed (Debian: apt install {package or command})")
    return found
