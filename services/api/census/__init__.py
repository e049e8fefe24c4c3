"""The census: from where accounts come into the registry, each with its proof or its refusal."""

from services.api.census.address_file import import_addresses
from services.api.census.annuaire import import_annuaire
from services.api.census.report import Report, Unusable

__all__ = ["Report", "Unusable", "import_addresses", "import_annuaire"]
