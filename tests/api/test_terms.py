"""No file and no list carries a counter that its network does not let leave in bulk."""

import importlib
import pkgutil
from typing import Any

import pytest
from fastapi import HTTPException

from contracts.networks import BY_SLUG, NETWORKS
from services.api import routes
from services.api.files.redistribution import (
    counters_may_leave,
    note,
    require_counters,
    require_scores,
)
from tests.api.answers import RecordedFigures
from tests.api.routes.test_codebook import EXAMPLES, FILES, QUERIES

COUNTERS = ("followers", "following", "likes", "comments", "shares", "quotes", "views", "value")
PLANTED = 987_654_321
"""What every raw counter is, so that it is recognised wherever it is written."""


def addresses(suffix: str) -> list[str]:
    return [f"{file.removesuffix('.csv')}{suffix}" for file in FILES]


@pytest.fixture
def planted(figures: RecordedFigures) -> RecordedFigures:
    def change(row: dict[str, Any]) -> dict[str, Any]:
        if row.get("network", "bluesky") != "bluesky":
            return {}
        return {name: PLANTED for name in COUNTERS if row.get(name) is not None}

    figures.changes.append(change)
    return figures


def as_its_terms(monkeypatch: pytest.MonkeyPatch, network: str) -> None:
    """Give Bluesky, whose accounts the made-up answers are about, the terms of a network."""
    policy = BY_SLUG | {"bluesky": BY_SLUG[network]}
    monkeypatch.setattr("services.api.files.redistribution.network_of", policy.__getitem__)


def test_nothing_leaves_of_a_network_of_a_newer_version(monkeypatch):
    """Its terms are not known here; what a newer scorer stored of it is read all the same."""
    network = "novel-network"
    assert not counters_may_leave(network)
    assert note(network)
    for refuse in (require_counters, require_scores):
        with pytest.raises(HTTPException) as refused:
            refuse(network)
        assert refused.value.status_code == 403


def test_every_file_is_in_the_codebook():
    names = [one.name for one in pkgutil.iter_modules(routes.__path__)]
    modules = [importlib.import_module(f"services.api.routes.{name}") for name in names]
    paths = {route.path for module in modules for route in module.router.routes}
    assert {path[1:] for path in paths if path.endswith(".csv")} == set(FILES)


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS])
@pytest.mark.parametrize("address", [*addresses(".csv"), *addresses("")])
async def test_a_counter_that_may_not_leave_is_in_no_file_and_no_list(
    portal, planted, monkeypatch, network, address
):
    as_its_terms(monkeypatch, network)
    query = QUERIES.get(f"{address.removesuffix('.csv')}.csv", "")
    answer = await portal.get(f"/api/v1/{address.format(**EXAMPLES)}{query}")
    assert answer.status_code in (200, 403, 404), answer.text
    if BY_SLUG[network].redistribution != "counters":
        assert str(PLANTED) not in answer.text


@pytest.mark.parametrize("address", ["months/{period}/{network}", "months/{period}/{network}.csv"])
async def test_what_is_planted_is_found_where_it_may_leave(portal, planted, address):
    assert str(PLANTED) in (await portal.get(f"/api/v1/{address.format(**EXAMPLES)}")).text
