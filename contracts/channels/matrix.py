"""Matrix, and Tchap, which speaks it: a room that the installation's own account was invited to.

The account's key goes to its own server alone, which the installation names: never to a server
that somebody types.
"""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "matrix",
    "Tchap ou Matrix",
    "matrix://!salon:agent.collectivites.tchap.gouv.fr",
    re.compile(r"matrix://(?P<name>![\w.=/+-]{1,128}:[a-z\d.-]{1,128}(?::\d{1,5})?)", re.ASCII),
    300,
    prefix="matrix://",
    host="https://matrix.agent.collectivites.tchap.gouv.fr",
    where="paramètres du salon, « Avancé », identifiant interne ; invitez-y d’abord le compte de "
    "l’Observatoire",
)
