"""ClickHouse: password, database, schema, clock, disk, and what it says of the collection."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from contracts.clickhouse import migrations
from deploy.doctor.finding import Finding, fault, well
from libs.engine.client import Engine, connect
from libs.french import number
from libs.settings import Settings

PART = "ClickHouse"
CLOCKS_APART = timedelta(seconds=5)
DISK_FREE_RATIO = 0.10
"""Share of the disk that must be free."""

REFUSED = ("516", "AUTHENTICATION_FAILED", "Authentication failed")


async def look_at_engine(
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    disk_free_ratio: float = DISK_FREE_RATIO,
) -> list[Finding]:
    """Return what is found; `now` is this machine's clock, which the engine's is compared with."""
    try:
        engine = await connect(settings.clickhouse_url)
    except Exception as error:  # of the client, whatever it is: the text tells
        return [_unreached(settings, error)]
    try:
        found = await engine.query("SELECT name FROM system.databases")
        databases = {str(name) for (name,) in found.result_rows}
        findings = [await _clock(engine, now), await _disk(engine, disk_free_ratio)]
    finally:
        await engine.close()
    if settings.database not in databases:
        return [*findings, _no_database(settings, databases)]
    engine = await connect(settings.clickhouse_url, settings.database)
    try:
        schema = await _schema(engine)
        findings.append(schema)
        if schema.fault is None:
            findings += [*await _origin(engine, settings), *await _registry(engine)]
            findings += await _sources(engine)
    finally:
        await engine.close()
    return findings


def _unreached(settings: Settings, error: Exception) -> Finding:
    text = str(error)
    if any(sign in text for sign in REFUSED):
        return fault(
            "engine-password",
            PART,
            "le mot de passe de CLICKHOUSE_URL est refusé",
            "vérifier CLICKHOUSE_URL et l’utilisateur dans ClickHouse",
        )
    return fault(
        "engine-away",
        PART,
        f"{settings.clickhouse_url} ne répond pas : {text.splitlines()[0] if text else error!r}",
        "vérifier CLICKHOUSE_URL, puis que le moteur est démarré (docs/runbooks/engine-away.md)",
    )


def _no_database(settings: Settings, databases: set[str]) -> Finding:
    others = sorted(name for name in databases if name.startswith("observatoire_"))
    if others:
        return fault(
            "wrong-installation",
            PART,
            f"il n’y a pas de base {settings.database}, mais {', '.join(others)}",
            "vérifier OBSERVATOIRE_INSTALLATION et CLICKHOUSE_URL",
        )
    return fault(
        "engine-database", PART, f"il n’y a pas de base {settings.database}",
        "observatoire engine migrate",
    )  # fmt: skip


async def _clock(engine: Engine, now: Callable[[], datetime]) -> Finding:
    found = await engine.query("SELECT toUnixTimestamp64Milli(now64(3))")
    theirs = datetime.fromtimestamp(int(found.result_rows[0][0]) / 1_000, UTC)
    apart = abs(now() - theirs)
    if apart <= CLOCKS_APART:
        seconds = number(apart.total_seconds(), 1)
        return well("Horloge", f"à {seconds} s de celle de ClickHouse")
    return fault(
        "clock-off",
        "Horloge",
        f"cette machine et ClickHouse ont {apart.total_seconds():.0f} s d’écart",
        "synchroniser les deux (NTP : chronyc tracking, timedatectl)",
    )


async def _disk(engine: Engine, least: float) -> Finding:
    found = await engine.query("SELECT name, free_space, total_space FROM system.disks")
    disks = [(str(n), int(free), int(size)) for n, free, size in found.result_rows if size]
    name, free, size = min(disks, key=lambda one: one[1] / one[2])
    says = f"{100 * free / size:.0f} % libres sur {name} ({free / 1e9:.0f} Go)"
    if free / size >= least:
        return well("Disque", says)
    return fault("disk-nearly-full", "Disque", says, "docs/runbooks/disk-full.md")


async def _schema(engine: Engine) -> Finding:
    wanted = max(one.number for one in migrations())
    try:
        found = await engine.query("SELECT max(number) FROM migrations")
    except Exception:  # no such table: nothing was ever applied
        applied = 0
    else:
        applied = int(found.result_rows[0][0] or 0)
    if applied == wanted:
        return well(PART, f"schéma {applied:04d}")
    if applied < wanted:
        return fault(
            "old-schema", PART, f"schéma {applied:04d}, cette version attend {wanted:04d}",
            "observatoire engine migrate",
        )  # fmt: skip
    return fault(
        "newer-schema",
        PART,
        f"schéma {applied:04d}, cette version ne connaît que {wanted:04d}",
        "revenir à l’image qui l’a migré : une version plus ancienne n’écrit pas dans un schéma "
        "plus récent",
    )


async def _origin(engine: Engine, settings: Settings) -> list[Finding]:
    other = "simulation" if settings.installation == "live" else "live"
    found = await engine.query(
        "SELECT count() FROM accounts WHERE origin = {other:String}", {"other": other}
    )
    if not int(found.result_rows[0][0]):
        return []
    return [
        fault(
            "wrong-installation",
            PART,
            f"{settings.database} contient des comptes d’origine « {other} »",
            "vérifier OBSERVATOIRE_INSTALLATION et CLICKHOUSE_URL ; simulé et mesuré ne se mêlent "
            "jamais",
        )
    ]


async def _registry(engine: Engine) -> list[Finding]:
    found = await engine.query("SELECT count() FROM accounts FINAL WHERE state = 'verified'")
    count = int(found.result_rows[0][0])
    if count:
        return [well("Registre", f"{count} comptes vérifiés")]
    return [
        fault(
            "empty-registry",
            "Registre",
            "aucun compte vérifié : rien n’est collecté ni classé",
            "observatoire accounts import-annuaire FICHIER, puis accounts move … verified",
        )
    ]


async def _sources(engine: Engine) -> list[Finding]:
    """Tell networks whose newest outcome is that a quota is spent or a credential refused."""
    found = await engine.query(
        "SELECT network, argMax(cause, ended_at) AS last FROM collect_outcomes"
        " WHERE ended_at > (SELECT max(ended_at) FROM collect_outcomes) - INTERVAL 24 HOUR"
        " GROUP BY network ORDER BY network"
    )
    last = {str(network): str(cause) for network, cause in found.result_rows}
    findings: list[Finding] = []
    for network, cause in last.items():
        if cause == "rate_limited":
            findings.append(
                fault(
                    "quota-zero", network, "quota épuisé : le réseau ne répond plus à nos demandes",
                    "docs/runbooks/quota-spent.md",
                )
            )  # fmt: skip
        elif cause == "credential":
            findings.append(
                fault(
                    "expired-token", network, "le réseau refuse notre jeton : expiré ou révoqué",
                    "en demander un autre, OBSERVATOIRE_NETWORK_TOKENS "
                    "(docs/runbooks/source-failed.md)",
                )
            )  # fmt: skip
    return findings or [well("Réseaux", f"{len(last)} répondent")]
