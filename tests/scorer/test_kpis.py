import re
from pathlib import Path

import pytest

from contracts.kpis import KPIS
from contracts.networks import NETWORKS
from services.scorer import kpis
from services.scorer.kpis import RULES, networks_of
from services.scorer.methodologies import methodology

FOLDER = Path(kpis.__file__).parent
MONTH = FOLDER.parent / "month"


def test_registry_and_folder_hold_the_same_kpis():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "rule"}
    assert files == {kpi.slug for kpi in KPIS} == set(RULES)


NAMES = re.compile(r"\b(engagement|frequency|follow_ratio)(\b|_)")


@pytest.mark.parametrize("file", [*MONTH.glob("*.py")], ids=lambda file: file.stem)
def test_no_kpi_has_its_name_where_months_are_computed(file):
    """The interval was that of the KPI `engagement`, whatever a methodology weighed."""
    assert not NAMES.search(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("network", "without"),
    [
        ("instagram", set[str]()),
        ("bluesky", set[str]()),
        ("mastodon", set[str]()),
        ("facebook", {"follow_ratio"}),
        ("youtube", {kpi.slug for kpi in KPIS}),
        ("rss", {kpi.slug for kpi in KPIS}),
    ],
)
def test_a_network_has_the_kpis_whose_matter_it_publishes(network, without):
    rules = methodology("2026-1")
    assert {kpi.slug for kpi in KPIS if network not in networks_of(kpi, rules)} == without


def test_networks_whose_terms_forbid_scores_have_none():
    forbidden = [network for network in NETWORKS if not network.derived_metrics]
    assert forbidden
    assert not any(network.scored for network in forbidden)


def test_texts_are_french_with_its_spaces_and_never_advise_on_the_ratio():
    for slug, rule in RULES.items():
        text = rule.explanation + rule.advice
        for sign in (" :", " ;", " ?", " !", " »"):
            assert f" {sign.strip()}" not in text, (slug, sign)
        assert "« " not in text
    assert RULES["follow_ratio"].advice == ""
    assert all(rule.advice for slug, rule in RULES.items() if slug != "follow_ratio")
