"""The small state as a command opens it: that of the installation, or a refusal."""

from libs.settings import MissingSetting, Settings
from services.api.store.store import Store


def store_of(settings: Settings) -> Store:
    """Return the store, migrated; raises `MissingSetting` where there is none at its address.

    A command in the wrong folder would make an empty database there, find nothing in it, and say
    nothing. Who names one (`DATABASE_URL`) may have it made: the first import of an installation.
    """
    settings.require_given("database_url")
    store = Store(settings.database_url, origin=settings.installation, now=settings.clock().now)
    file = store.database.file
    if file is not None and not file.exists() and "database_url" not in settings.model_fields_set:
        raise MissingSetting(
            f"there is no database at {file.absolute()}: set DATABASE_URL to the one of the "
            'installation (of the demonstration: eval "$(.venv/bin/observatoire demo env)")'
        )
    store.migrate()
    return store
