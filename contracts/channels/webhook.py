"""A webhook of whoever asks for it, signed: Standard Webhooks, with a secret that they chose."""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "webhook",
    "Webhook signé",
    "webhook://crise.ma-commune.example/entrant#whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    # The path is as secret as the key: it may hold a token. Keys have 24 to 64 bytes.
    re.compile(
        r"webhook://(?P<name>(?P<host>(?:[a-z\d-]+\.)+[a-z][a-z\d-]*(?::\d{1,5})?))"
        r"(?P<secret>(?P<secret_path>(?:/[\w./~?=&%+-]*)?)#whsec_"
        r"(?P<secret_key>[A-Za-z\d+/]{32,86}={0,2}))",
        re.ASCII,
    ),
    700,
    prefix="webhook://",
    given="https://",
    where="l’adresse, puis # et la clé de signature (whsec_ et 24 à 64 octets en base64)",
)
