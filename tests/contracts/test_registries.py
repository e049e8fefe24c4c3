"""What a line of the registries asks for elsewhere: each test says what is missing, and where.

`docs/adding.md` has the whole list for a network, a KPI, a channel, a panel and an event.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

import pytest

from contracts.channels import CHANNELS, Channel
from contracts.clickhouse import SCHEMA, VIEWS
from contracts.kpis import KPIS, Kpi
from contracts.networks import NETWORKS, Network
from services import verify
from services.api.figures.month_rows import MonthLine
from services.api.figures.rows import AccountScore, KpiShare, RankedAccount
from services.api.words.sentences import INHERITED, helps
from services.scorer.methodologies import CURRENT, methodology
from services.scorer.score import SCORED_COLUMNS
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
def test_a_kpi_has_a_weight_in_the_current_methodology(kpi: Kpi) -> None:
    assert kpi.slug in methodology(CURRENT).weights, (
        f"the methodology {CURRENT} has no weight for {kpi.slug}, so no month can be scored: "
        "a KPI is a new file in services/scorer/methodologies/, and CURRENT names it; " + GUIDE
    )


@every_kpi
def test_a_kpi_is_verified_with_the_weight_that_is_published(kpi: Kpi) -> None:
    weight = methodology(CURRENT).weights.get(kpi.slug)
    assert verify.WEIGHTS.get(kpi.slug) == weight, (
        f"services/verify.py: WEIGHTS has no {kpi.slug} of weight {weight}: « Vérifier ce score » "
        "would disagree with the score; " + GUIDE
    )


@every_kpi
def test_a_kpi_is_stored(kpi: Kpi) -> None:
    wanted = {kpi.slug, f"{kpi.slug}_points"}
    table = SCHEMA.read_text().partition("scores\n(")[2].partition("\n)")[0]
    stored = {line.split()[0].strip("`") for line in table.splitlines() if line.strip()}
    assert wanted <= stored, (
        f"the table `scores` has no {sorted(wanted - stored)}: add a migration to "
        "contracts/clickhouse/tables, then write shipped.sha256 and schema.sql anew; " + GUIDE
    )
    missing = sorted(wanted - set(SCORED_COLUMNS))
    assert not missing, f"services/scorer/score.py: SCORED_COLUMNS has no {missing}; " + GUIDE


@every_kpi
def test_a_kpi_is_shown_and_given(kpi: Kpi) -> None:
    view = (VIEWS / "account_score_kpis.sql").read_text()
    assert f"('{kpi.slug}'," in view, f"the view account_score_kpis has no {kpi.slug}; " + GUIDE
    assert kpi.slug in RankedAccount.model_fields, (
        "neither contracts/clickhouse/ranked.py nor services/api/figures/rows.py (RankedAccount) "
        f"has {kpi.slug}; " + GUIDE
    )
    assert f"{kpi.slug}_points" in MonthLine.model_fields, (
        f"MonthLine (services/api/figures/month_rows.py) has no {kpi.slug}_points; " + GUIDE
    )


@every_kpi
def test_a_kpi_has_its_words(kpi: Kpi) -> None:
    assert (kpi.slug in INHERITED) == kpi.inherited, (
        f"services/api/words/sentences.py: INHERITED and contracts/kpis.py differ on {kpi.slug}"
    )
    figures = {"value": 2.0, "points": 100.0, "cell_median": 1.0, "unit": kpi.unit}
    share = KpiShare.model_construct(kpi=kpi.slug, label=kpi.label, weight=1, **figures)
    score = AccountScore.model_construct(posts=None)
    try:
        assert helps([share], score, electoral=False)
    except KeyError:
        pytest.fail(
            f"services/api/words/sentences.py: `helps` has no sentence for {kpi.slug}; {GUIDE}"
        )


@every_network
def test_a_scored_network_is_verified_and_weighs_something(network: Network) -> None:
    summed = (
        verify.REQUIRED.get(network.slug, ()),
        verify.OPTIONAL.get(network.slug, ()),
    )
    told = (network.interactions, network.interactions_if_given)
    expected = told if network.scored else ((), ())
    assert [*map(sorted, summed)] == [*map(sorted, expected)], (
        f"services/verify.py sums {summed} on {network.slug} where contracts/networks/ has "
        f"{expected}: REQUIRED and OPTIONAL are written by hand from docs/methodology.md, 5.7; "
        + GUIDE
    )
    hides = network.scored and "following" not in network.account_counters
    assert (network.slug in verify.WITHOUT_FOLLOWING) == hides, (
        f"services/verify.py: WITHOUT_FOLLOWING and the account counters of {network.slug} "
        "disagree; " + GUIDE
    )
    assert network.use_in_france or not network.scored, (
        f"{network.slug}: `use_in_france` is 0, so it would weigh nothing; " + GUIDE
    )


@every_network
def test_a_network_is_invented_too(network: Network) -> None:
    assert find_spec(f"simulation.networks.{network.slug}"), (
        f"no simulation/networks/{network.slug}.py: the demonstration and the tests read every "
        "network from a fictional one; " + GUIDE
    )


@every_network
def test_a_network_has_its_reader_and_the_suite_of_networks(network: Network) -> None:
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
def test_a_channel_has_the_suite_of_channels(channel: Channel) -> None:
    module = f"tests.alerts.channels.test_{channel.scheme}"
    found = [getattr(one, "address", "") for one in suites(module, ChannelSuite)]
    assert any(address.startswith(f"{channel.scheme}:") for address in found), (
        f"{module} has no class that inherits ChannelSuite with an address in {channel.scheme}: it "
        "says what is tried again, what is given up, and that the secret is in no log; " + GUIDE
    )


@every_channel
def test_a_channel_takes_its_own_example(channel: Channel) -> None:
    assert channel.takes(channel.example)
    assert channel.veiled(channel.example).startswith(f"{channel.scheme}:")
    secret = channel.secret(channel.example)
    assert secret is None or secret not in channel.veiled(channel.example)
