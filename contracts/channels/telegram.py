"""Telegram, by the installation's own bot: a group that it was invited to, or a channel."""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "telegram",
    "Telegram",
    "telegram://-1001234567890",
    re.compile(r"telegram://(?P<name>-?[1-9]\d{4,18}|@[A-Za-z]\w{4,31})", re.ASCII),
    64,
    prefix="telegram://",
    host="https://api.telegram.org",
    where="identifiant du groupe ou @nom du canal ; ajoutez-y d’abord le robot de l’Observatoire",
)
