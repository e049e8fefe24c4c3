"""Microsoft Teams, by the webhook of a workflow (Power Automate); connectors are retired."""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "teams",
    "Teams",
    "teams://prod-01.westeurope.logic.azure.com/workflows/0a1b/invoke?sv=1.0&sig=cle",
    re.compile(
        r"teams://(?P<name>(?P<host>[a-z\d.-]+\.(?:logic\.azure\.com|api\.powerplatform\.com)"
        r"(?::443)?))/(?P<secret>[\w./~-]+\?[\w.=&%~+-]+)",
        re.ASCII,
    ),
    700,
    prefix="teams://",
    given="https://",
    where="modèle de workflow « Publier sur un canal quand une requête webhook est reçue »",
)
