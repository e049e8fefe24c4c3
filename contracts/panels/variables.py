"""What readers of several dashboards choose, each with its statement."""

from contracts.clickhouse.labels import month_name
from contracts.panels.panel import Variable

PERIOD = Variable("period", "Mois", "periods", "period", month_name("period"))
TERRITORY = Variable(
    "territory",
    "Collectivité",
    "territory_list",
    "code",
    "concat(name, ' (', code, ')')",
    order="accounts = 0, name",
    search="search",
)
NETWORK = Variable(
    "network",
    "Réseau",
    "territory_accounts",
    "DISTINCT network",
    "network",
    all_label="Tous",
    parameters=(("territory", "territory"),),
)
ACCOUNT = Variable(
    "account",
    "Compte",
    "territory_accounts",
    "account",
    "concat(network, ' · ', handle)",
    parameters=(("territory", "territory"),),
    filters=("network",),
)
CATEGORY = Variable(
    "category",
    "Catégorie",
    "territory_list",
    "DISTINCT assumeNotNull(category)",
    "assumeNotNull(category)",
    all_label="Toutes",
)
DEPARTEMENT = Variable(
    "departement",
    "Département",
    "territory_list",
    "DISTINCT assumeNotNull(departement)",
    "assumeNotNull(departement)",
    all_label="Tous",
)
REGION = Variable(
    "region",
    "Région",
    "territory_list",
    "DISTINCT assumeNotNull(region)",
    "assumeNotNull(region)",
    all_label="Toutes",
)
