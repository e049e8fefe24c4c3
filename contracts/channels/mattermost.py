"""Mattermost, by incoming webhooks, wherever it is installed."""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "mattermost",
    "Mattermost",
    "mattermost://chat.ma-commune.example/hooks/x8rj3ykq5bgx7ftr1mxyz4w6de",
    re.compile(
        r"mattermost://(?P<name>(?P<host>[a-z\d.-]+\.[a-z\d-]+))/hooks/(?P<secret>[a-z\d]{26})"
    ),
    512,
    prefix="mattermost://",
    given="https://",
    where="Intégrations, « Webhooks entrants »",
)
