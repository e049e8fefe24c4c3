"""The first sentence of a territory, and what its score over its networks counts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.api.figures.month_rows import TerritoryNetwork, TerritorySynthesis
from services.api.words.standing import strip
from tests.portal.test_sentences import plain, score


def synthesis(**changes: Any) -> TerritorySynthesis:
    fields: dict[str, Any] = dict.fromkeys(TerritorySynthesis.model_fields)
    fields |= {"held": 3, "weighed": 2, "scored": 1}
    return TerritorySynthesis.model_validate(fields | {"share": 45, "least_share": 60} | changes)


def network(slug: str, weight: int, points: str | None) -> TerritoryNetwork:
    fields: dict[str, Any] = dict.fromkeys(TerritoryNetwork.model_fields, None)
    named = dict.fromkeys(("account", "handle", "address"), "a")
    fields |= {"network": slug, "weight": weight, "least_share": 60}
    return TerritoryNetwork.model_validate(fields | named | {"score": points})


HELD = [network("facebook", 600, None), network("x", 200, "50"), network("bluesky", 0, "60")]


@pytest.mark.parametrize("changes", [{}, {"score": "50", "low": "40", "high": "60"}])
def test_the_score_over_networks_names_those_that_it_counts(changes):
    said = plain(strip.overall(synthesis(**changes), HELD))
    assert "(Facebook et X), seul X est noté" in said
    assert "Bluesky" in said.partition("Sans compter ")[2]
    assert ("il en faut 60" in said) is (not changes)


def test_networks_that_are_never_scored_are_counted_not_listed():
    tiles = [
        strip.Tile(slug, slug, slug, "", told, datetime(2026, 11, 1, tzinfo=UTC))
        for slug, told in (
            ("mastodon", score()),
            *((slug, score(network=slug, score=None, reason=strip.NEVER))
              for slug in ("youtube", "peertube", "pixelfed")),
        )
    ]  # fmt: skip
    apart, together = strip.account_by_account(tiles)
    assert [one.network for one, _ in apart] == ["mastodon"]
    assert [one.network for one in together] == ["youtube", "peertube", "pixelfed"]
    assert len(strip.account_by_account(tiles[:2])[0]) == 2
    said = plain(strip.sentence(tiles, [], "2026-10"))
    assert "3 autres réseaux observés" in said
    assert "YouTube" not in said
    assert "YouTube" in strip.sentence(tiles[:2], [], "2026-10")
