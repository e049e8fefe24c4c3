"""Where the annuaire de l'administration is published, and what is asked of it.

Service-Public.gouv.fr / DILA, Licence Ouverte 2.0, no key: the data set
api-lannuaire-administration by Opendatasoft's Explore v2.1, whose export is one array of all
records.
"""

HOST = "api-lannuaire.service-public.gouv.fr"
FIELDS = (
    "id", "nom", "pivot", "code_insee_commune", "siren", "statut_de_diffusion", "site_internet",
    "reseau_social", "application_mobile", "adresse_courriel",
)  # fmt: skip
"""What is read of a record; `adresse_courriel` is kept as keyed hashes alone, and nobody's
telephone or name is asked."""

EXPORT = (
    f"https://{HOST}/api/explore/v2.1/catalog/datasets/api-lannuaire-administration/exports/json"
    f"?select={','.join(FIELDS)}"
)
LEAST_RECORDS = 30_000
"""More than 35,000 town halls are in it: an answer of less is not whole."""
