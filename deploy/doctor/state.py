"""The small state: is it the right database, at the schema of this version."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from deploy.doctor.finding import Finding, fault, well
from libs.settings import Settings
from services.api.store.database import Database, configuration

PART = "Base de données"
REFUSED = ("password authentication failed", "no password supplied", "role ")


def look_at_state(settings: Settings) -> list[Finding]:
    """Return what is found; nothing is created."""
    database = Database(settings.database_url)
    shown = database.url.render_as_string(hide_password=True)
    if (file := database.file) is not None and not file.exists():
        return [
            fault(
                "wrong-database",
                PART,
                f"{file} n’existe pas : aucun compte, aucune veille",
                "DATABASE_URL doit dire où est la base de l’installation",
            )
        ]
    try:
        return [_revision(database, shown)]
    except SQLAlchemyError as error:
        text = str(getattr(error, "orig", error))
        if any(sign in text for sign in REFUSED):
            return [
                fault(
                    "database-password", PART, "l’utilisateur ou le mot de passe est refusé",
                    "vérifier DATABASE_URL",
                )
            ]  # fmt: skip
        return [
            fault(
                "database-away", PART, f"{shown} ne répond pas : {text.splitlines()[0]}",
                "vérifier DATABASE_URL, puis que la base est démarrée",
            )
        ]  # fmt: skip
    finally:
        database.close()


def _revision(database: Database, shown: str) -> Finding:
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
        held = MigrationContext.configure(connection).get_current_revision()
    head = script.get_current_head()
    known = {one.revision for one in script.walk_revisions()}
    if held is None:
        return fault(
            "wrong-database",
            PART,
            f"{shown} est vide : ce n’est pas celle d’une installation",
            "vérifier DATABASE_URL ; une base neuve se remplit au premier `observatoire api run`",
        )
    if held == head:
        return well(PART, f"{shown}, schéma {held}")
    if held in known:
        return fault(
            "old-database", PART, f"schéma {held}, cette version attend {head}",
            "redémarrer le portail (`observatoire api run`), qui la met à jour",
        )  # fmt: skip
    return fault(
        "newer-database", PART, f"schéma {held}, que cette version ne connaît pas",
        "revenir à la version qui l’a mise à jour",
    )  # fmt: skip
