from pathlib import Path

import pytest

from contracts.kpis import KPIS
from contracts.networks import BY_SLUG, NETWORKS
from services.scorer import kpis
from services.scorer.kpis import RULES, published_on

FOLDER = Path(kpis.__file__).parent


def test_registry_and_folder_hold_the_same_kpis() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "rule"}
    assert files == {kpi.slug for kpi in KPIS} == set(RULES)


@pytest.mark.parametrize(
    ("network", "count"),
    [
        ("instagram", 5),
        ("bluesky", 5),
        ("mastodon", 5),
        ("facebook", 4),
        ("youtube", 0),
        ("rss", 0),
    ],
)
def test_a_network_has_the_kpis_whose_matter_it_publishes(network: str, count: int) -> None:
    assert sum(published_on(BY_SLUG[network], kpi) for kpi in KPIS) == count


def test_networks_whose_terms_forbid_scores_have_none() -> None:
    forbidden = [network for network in NETWORKS if not network.derived_metrics]
    assert forbidden
    assert not any(network.scored for network in forbidden)


def test_texts_are_french_with_its_spaces_and_never_advise_on_the_ratio() -> None:
    for slug, rule in RULES.items():
        text = rule.explanation + rule.advice
        for sign in (" :", " ;", " ?", " !", " »"):
            assert f" {sign.strip()}" not in text, (slug, sign)
        assert "« " not in text
    assert RULES["follow_ratio"].advice == ""
    assert all(rule.advice for slug, rule in RULES.items() if slug != "follow_ratio")
