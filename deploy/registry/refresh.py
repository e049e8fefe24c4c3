"""Renews the committed registry from a version of the npm package."""

import subprocess
from pathlib import Path

from contracts.territories.catalogue import REGISTRY_FILE
from contracts.territories.storage import Manifest, write_territories
from deploy.registry.package import read_package

PACKAGE = "@etalab/decoupage-administratif"


class FetchError(RuntimeError):
    """npm is not there, or did not give the package."""


def refresh(archive: Path, target: Path = REGISTRY_FILE) -> Manifest:
    """Rewrite the registry from a package archive; the same archive gives the same bytes."""
    manifest, territories = read_package(archive)
    return write_territories(target, territories, manifest)


def fetch(version: str, folder: Path) -> Path:
    """Archive of one version of the package, by ``npm pack``, in this folder."""
    try:
        packed = subprocess.run(
            ["npm", "pack", f"{PACKAGE}@{version}", "--silent"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as problem:
        raise FetchError(f"npm pack {PACKAGE}@{version}: {problem}") from problem
    return folder / packed.stdout.split()[-1]
