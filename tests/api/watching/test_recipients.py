"""What passers-by see of whom a watch tells."""

import re

import pytest

from contracts import channels
from contracts.channels import ChannelContract
from contracts.watches import Recipient
from services.api.watching.recipients import failing_channels, shown, veiled
from tests.alerts.builders import watched

CARILLON = ChannelContract(
    "carillon",
    "Carillon",
    "carillon://hooks.example/secret/room",
    re.compile(r"carillon://(?P<host>[\w.]+)/(?P<secret>\w+)/(?P<name>\w+)"),
    200,
)


@pytest.mark.parametrize(
    ("address", "seen", "said"),
    [
        ("slack://T0ESSAI/B0ONDE/s3cr3t", "slack://T0ESSAI/B0ONDE/…", "Slack B0ONDE"),
        (
            "carillon://hooks.example/s3cr3t/room",
            "carillon://hooks.example/…/room",
            "Carillon room",
        ),
        ("carillon://not whole/s3cr3t", "carillon:…", "Carillon"),
        ("mailto:anne@essai.example", "mailto:a…@essai.example", "anne@essai.example"),
        ("pigeon://loft/s3cr3t", "pigeon:…", "autre canal"),
    ],
)
def test_the_secret_of_an_address_is_seen_by_nobody(monkeypatch, address, seen, said):
    monkeypatch.setitem(channels.BY_SCHEME, "carillon", CARILLON)
    watch = watched(recipients=(Recipient(address=address, confirmed=True),))
    assert [one.address for one in veiled(watch).recipients] == [seen]
    assert shown(address, masked=False) == said


def test_a_recipient_of_a_channel_that_is_no_more_is_told_on_the_page():
    lost, reached = "pigeon://loft/s3cr3t", "mailto:anne@essai.example"
    watch = watched(recipients=tuple(Recipient(address=one) for one in (lost, reached)))
    ((name, why),) = failing_channels(watch, []).items()
    assert name == watch.recipient_name(lost)
    assert "canal" in why
