"""Slack, by incoming webhooks."""

import re

from contracts.channels.contract import ChannelContract

CHANNEL = ChannelContract(
    "slack",
    "Slack",
    "slack://T000/B000/secret",
    re.compile(r"slack://(?P<team>\w+)/(?P<name>\w+)/(?P<secret>\w+)", re.ASCII),
    512,
    host="https://hooks.slack.com",
    setting="SLACK_URL",
    prefix="slack://",
    given="https://hooks.slack.com/services/",
    where="à copier sur api.slack.com/apps, page «\u00a0Incoming Webhooks\u00a0» "
    "de votre application",
)
