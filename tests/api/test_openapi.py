import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from openapi_spec_validator import validate

from contracts.territories import Territories
from libs.clock import SteppedClock
from libs.settings import Settings
from services.api.app import build
from services.api.store import Store
from services.api.web.openapi import OBJECTS, OPERATIONS, TAGS, describe
from tests.api.answers import RecordedFigures
from tests.api.world import NOW

ENGLISH = re.compile(
    r"\b(the|of|and|with|what|whether|which|is|are|show|give|find|list|how|successful|error|an)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def description(places: Territories) -> dict[str, Any]:
    settings = Settings(installation="simulation")
    store = Store("sqlite://", origin="simulation", now=lambda: NOW)
    service = build(
        settings, figures=RecordedFigures(), places=places, clock=SteppedClock(NOW), store=store
    )
    found = describe(service.app)
    store.close()
    return found


def operations(description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in description["paths"].values():
        yield from methods.values()


def said(part: object) -> Iterator[str]:
    """What a person reads: summaries and descriptions, at any depth."""
    if isinstance(part, list):
        for one in cast("list[object]", part):
            yield from said(one)
    elif isinstance(part, dict):
        for name, one in cast("dict[str, object]", part).items():
            if name in ("summary", "description") and isinstance(one, str):
                yield one
            else:
                yield from said(one)


async def test_it_is_served_valid_and_files_are_not_listed_twice(portal, description):
    assert (await portal.get("/api/v1/openapi.json")).json() == description
    validate(description)
    assert not [path for path in description["paths"] if path.endswith(".csv")]


def test_every_reference_leads_to_an_object(description):
    """Those of a body too, which a program that writes it follows."""
    objects = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(description))) <= objects


def test_everything_is_said_in_french(description):
    texts = list(said(description))
    assert len(texts) > 80
    assert [text for text in texts if ENGLISH.search(re.sub(r"`[^`]*`", "", text))] == []
    assert "" not in texts


def test_every_operation_and_object_is_described(description):
    named = {one["operationId"] for one in operations(description)}
    assert named == set(OPERATIONS)
    objects = set(description["components"]["schemas"]) - {"Probleme"}
    assert objects <= set(OBJECTS)
    assert {tag for one in operations(description) for tag in one["tags"]} == set(TAGS)


def test_every_parameter_says_what_it_is(description):
    for one in operations(description):
        for parameter in one.get("parameters", []):
            assert parameter["description"], (one["operationId"], parameter["name"])


def test_ids_and_names_are_english(description):
    for one in operations(description):
        assert re.fullmatch(r"[a-z]+_[a-z_]+", one["operationId"])


def test_an_error_is_a_problem_and_csv_is_offered(description):
    ranking = description["paths"]["/api/v1/rankings"]["get"]
    assert "application/problem+json" in ranking["responses"]["default"]["content"]
    assert set(ranking["responses"]["200"]["content"]) == {"application/json", "text/csv"}
    network = next(one for one in ranking["parameters"] if one["name"] == "network")
    assert "bluesky" in network["schema"]["enum"]


def test_what_is_of_one_territory_asks_for_a_token_and_nothing_else_does(description):
    (scheme,) = description["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    private = {one["operationId"] for one in operations(description) if one["security"]}
    assert private == {one for one in OPERATIONS if one.startswith("watches_")}
