"""The world beside the published figures: a table and pictures that hold both."""

import json
from pathlib import Path

import pytest

from simulation.country.world import World
from simulation.history.portrait import MARK, Month, months, pictures, table

DOCS = Path(__file__).resolve().parents[2] / "docs" / "simulation"
PUBLISHED = {
    "Facebook, parmi les présentes": "94 % (2022)",
    "sur un seul réseau": "52 % (2022)",
    "abonnés Instagram, moyenne": "2 679 (novembre 2020)",
    "taux d’engagement Instagram, médiane": "2 à 5 %",
}


@pytest.fixture(scope="module")
def small() -> tuple[World, list[Month]]:
    world = World(size=120)
    return world, months(world)


def test_the_committed_table_is_of_the_same_figures(small):
    lines = table(*small)
    committed = (DOCS / "distributions.md").read_text(encoding="utf-8").replace("\u202f", " ")
    rows = [line.split(" | ") for line in committed.splitlines() if line.startswith("| ")][1:]
    assert [row[0].removeprefix("| ") for row in rows] == [line.figure for line in lines]
    for row, line in zip(rows, lines, strict=True):
        assert row[1] == line.published.replace("\u202f", " ")
        assert row[3].removesuffix(" |") == line.source
        assert row[2].strip()
    told = {line.figure: line.published.replace("\u202f", " ") for line in lines}
    for figure, published in PUBLISHED.items():
        assert told[figure].startswith(published)


def test_pictures_hold_the_published_figures_and_say_that_they_are_invented(small):
    drawn = {name: json.dumps(chart.to_dict()) for name, chart in pictures(*small).items()}
    assert all(json.dumps(MARK) in text for text in drawn.values())
    assert '"mean": 2679' in drawn["followers"]
    assert '"least": 2, "most": 5' in drawn["engagement"]
    for share in (94, 52, 26, 27):
        assert f'"share": {share}}}' in drawn["networks"]
    for name in drawn:
        picture = (DOCS / f"simulation_{name}.svg").read_text(encoding="utf-8")
        assert MARK in picture
