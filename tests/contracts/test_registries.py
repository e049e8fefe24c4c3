"""What a line of the registries asks for elsewhere: each test says what is missing, and where.

`docs/adding.md` has the whole list for a network, a KPI, a channel, a panel and an event.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

import pytest

from contracts.channels import CHANNELS
from contracts.kpis import KPIS
from contracts.networks import NETWORKS
from libs import verify
from services.scorer.kpis import RULES, networks_of, weighed
from services.scorer.methodologies import CURRENT, methodology, versions
from tests.suites.channel import ChannelSuite
from tests.suites.network import NetworkSuite

GUIDE = "see docs/adding.md"
S = TypeVar("S")

every_kpi = pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.slug)
every_network = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.slug)
every_channel = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.scheme)


def suites(module: str, suite: type[S]) -> list[type[S]]:
    """The classes of a module of tests that inherit a suite; none where there is no such module."""
    if find_spec(module) is None:
        return []
    held = vars(import_module(module)).values()
    return [one for one in held if isinstance(one, type) and issubclass(one, suite)]


@every_kpi
def test_a_kpi_is_of_a_methodology(kpi):
    known = [methodology(version) for version in versions()]
    assert any(kpi.slug in rules.weights or kpi.slug in rules.shown for rules in known), (
        f"no methodology weighs or shows {kpi.slug}, so it is never computed; " + GUIDE
    )


@pytest.mark.parametrize("version", versions())
def test_a_methodology_has_its_second_reading(version):
    """Written by hand from docs/methodology.md; « Vérifier ce score » agrees with the score."""
    rules, read = methodology(version), verify.rules_of(version)
    assert read.weights == rules.weights, f"libs/verify/versions.py: {version}; " + GUIDE
    assert set(read.values) >= set(rules.weights)
    assert read.interval == rules.interval.kpi
    assert rules.interval.kpi in rules.weights
    assert RULES[rules.interval.kpi].margin
    uses = rules.synthetic.use_in_france
    assert read.use == {network: use.weight for network, use in uses.items() if use.weight}
    told = {slug: (set(n.interactions), set(n.if_given)) for slug, n in rules.networks.items()}
    assert {n: (set(r.required), set(r.optional)) for n, r in read.networks.items()} == told
    for slug, network in rules.networks.items():
        kpis = {kpi.slug for kpi in weighed(rules) if slug in networks_of(kpi, rules)}
        assert set(read.networks[slug].kpis) == kpis, f"6.6: {slug}; " + GUIDE
        assert read.networks[slug].has_following == ("following" in network.account)


@every_network
def test_a_network_is_scored_by_the_current_methodology_or_not(network):
    rules = methodology(CURRENT)
    scored = rules.networks.get(network.slug)
    assert bool(scored) == network.scored, (
        f"{network.slug}: the methodology {CURRENT} and contracts/networks/ disagree whether it is "
        "scored; " + GUIDE
    )
    if scored:
        assert set(scored.interactions) == set(network.interactions)
        assert set(scored.if_given) == set(network.interactions_if_given)
        assert set(scored.account) <= set(network.account_counters)
        assert network.slug in rules.synthetic.use_in_france
    if not network.derived_metrics:
        assert network.slug not in rules.synthetic.use_in_france


@every_network
def test_a_network_is_invented_too(network):
    assert find_spec(f"simulation.networks.{network.slug}"), (
        f"no simulation/networks/{network.slug}.py: the demonstration and the tests read every "
        "network from a fictional one; " + GUIDE
    )


@every_network
def test_a_network_has_its_reader_and_the_suite_of_networks(network):
    assert find_spec(f"services.collector.networks.{network.slug}"), (
        f"no services/collector/networks/{network.slug}.py: nobody can read it; " + GUIDE
    )
    module = f"tests.collector.networks.test_{network.slug}"
    slugs = {getattr(one, "slug", None) for one in suites(module, NetworkSuite)}
    assert network.slug in slugs, (
        f"{module} has no class that inherits NetworkSuite with slug = '{network.slug}': it says "
        "what a reader does with every refusal and every broken answer; " + GUIDE
    )


@every_channel
def test_a_channel_has_the_suite_of_channels(channel):
    module = f"tests.alerts.channels.test_{channel.scheme}"
    found = [getattr(one, "address", "") for one in suites(module, ChannelSuite)]
    assert any(address.startswith(f"{channel.scheme}:") for address in found), (
        f"{module} has no class that inherits ChannelSuite with an address in {channel.scheme}: it "
        "says what is tried again, what is given up, and that the secret is in no log; " + GUIDE
    )


@every_channel
def test_a_channel_takes_its_own_example(channel):
    assert channel.takes(channel.example)
    assert channel.veiled(channel.example).startswith(f"{channel.scheme}:")
    secret = channel.secret(channel.example)
    assert secret is None or secret not in channel.veiled(channel.example)
