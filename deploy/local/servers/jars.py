"""Brings the broker's jars from the Maven repository, each checked against a committed SHA-256.

The lock file has one jar a line, ``<sha256>  <path in a Maven repository>``: at run time nothing is
resolved, so nothing can change. ``python -m deploy.local.servers.jars`` writes it anew when a
version is raised.
"""

import hashlib
import os
import re
import ssl
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import jgo
import stamina
from jgo.maven import MavenContext

from deploy.local.servers.cache import cache_folder, exclusive
from deploy.local.supervision.failure import PartError

LOCK = Path(__file__).with_name("kafka-jars.sha256")
KAFKA = "org.apache.kafka:kafka_2.13:4.4.0"
SLF4J = "org.slf4j:slf4j-simple:1.7.36"

_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  (?P<path>\S+\.(?:jar|zip))")
_PART = "Kafka"

Progress = Callable[[int, int], None]
"""Told (jars present, jars wanted) each time a jar is there."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: where the jar is in any Maven repository, and what it must be."""

    path: PurePosixPath
    sha256: str

    @property
    def coordinates(self) -> tuple[str, str, str]:
        """Group, artifact and version, as Maven lays them out in the path."""
        *group, artifact, version, _ = self.path.parts
        return ".".join(group), artifact, version


def locked_jars(lock: Path = LOCK) -> list[Jar]:
    """Read the lock. Raises ``ValueError`` on a line that is not a hash and a path."""
    jars: list[Jar] = []
    for line in lock.read_text().splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{lock.name}: not a locked jar: {line!r}")
        jars.append(Jar(PurePosixPath(match["path"]), match["sha256"]))
    return jars


def classpath(
    progress: Progress = lambda present, wanted: None,
    folder: Path | None = None,
    lock: Path = LOCK,
) -> list[Path]:
    """Return the path of every jar of a lock, downloading those that are absent, checking all.

    Raises ``PartError`` when one cannot be had or is not the one that was locked.
    """
    repository = (folder or cache_folder()) / "maven"
    jars = locked_jars(lock)
    context = MavenContext(repo_cache=repository, timeout=60)
    paths: list[Path] = []

    def have(jar: Jar) -> Path:
        return _have(jar, context, repository)

    with exclusive(repository), ThreadPoolExecutor(max_workers=4) as pool:
        for path in pool.map(have, jars):
            paths.append(path)
            progress(len(paths), len(jars))
    return paths


def _have(jar: Jar, context: MavenContext, repository: Path) -> Path:
    path = repository / jar.path
    if path.exists() and _sha256(path) == jar.sha256:
        return path
    # A download that was cut short leaves a file that jgo would take for the jar.
    path.unlink(missing_ok=True)
    _download(jar, context)
    if _sha256(path) != jar.sha256:
        path.unlink()
        raise PartError(
            _PART,
            f"le fichier reçu pour {jar.path.name} n’est pas celui attendu (SHA-256 différent)",
            "vérifier le serveur mandataire ou le dépôt Maven utilisé, puis recommencer",
        )
    return path


def _download(jar: Jar, context: MavenContext) -> None:
    group, artifact, version = jar.coordinates
    try:
        for attempt in stamina.retry_context(on=OSError, attempts=4, timeout=60):
            with attempt:
                component = context.project(group, artifact).at_version(version)
                component.artifact(packaging=jar.path.suffix.removeprefix(".")).resolve()
    except (OSError, RuntimeError) as error:
        raise PartError(
            _PART,
            f"impossible de télécharger {jar.path.name} ({error})",
            "vérifier la connexion à internet et la place sur le disque, puis recommencer\u00a0; "
            "derrière un serveur mandataire, régler HTTPS_PROXY et REQUESTS_CA_BUNDLE",
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def trust_the_machine() -> None:
    """Let downloads trust the certificates that Python's own TLS trusts (a private CA, a proxy)."""
    # None where OpenSSL has no such file, whatever the stub says.
    if trusted := ssl.get_default_verify_paths().cafile:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)


def write_lock(lock: Path = LOCK) -> int:
    """Resolve the two artifacts and all they need, write the lock anew, return how many jars."""
    repository = cache_folder() / "maven"
    os.environ["M2_REPO"] = str(repository)
    lines: list[str] = []
    for artifact in jgo.resolve(f"{KAFKA}+{SLF4J}"):
        path = artifact.resolve()
        lines.append(f"{_sha256(path)}  {path.relative_to(repository).as_posix()}\n")
    lock.write_text("".join(sorted(lines, key=lambda line: line.split()[1])))
    return len(lines)


if __name__ == "__main__":
    trust_the_machine()
    sys.stdout.write(f"{write_lock()} jars locked\n")
