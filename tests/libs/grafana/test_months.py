"""Months as agents read them in Grafana, « octobre 2026 »; a variable keeps its code as value."""

import re
from collections.abc import Iterator

import pytest

from contracts.clickhouse.labels import month_name
from contracts.panels import DASHBOARDS
from contracts.panels.annotations import ANNOTATIONS
from contracts.panels.classements import MONTHS
from contracts.panels.panel import Panel, Variable
from contracts.panels.variables import PERIOD
from libs import french
from libs.engine import client
from libs.grafana.render import write
from tests.api.engine_world import fill

YEAR = [f"2026-{number:02}" for number in range(1, 13)]
RAW = re.compile(r"(?:period|month) AS (?:text|\")")
"""A month that is shown as it is kept."""


def shown() -> Iterator[Panel | Variable]:
    for board in DASHBOARDS:
        yield from (*board.panels, *board.variables)


def test_no_panel_nor_variable_shows_a_month_as_it_is_kept():
    assert not [part for part in shown() if RAW.search(part.sql(write))]


def test_the_value_of_the_month_is_what_views_ask_for():
    assert PERIOD.sql(write).startswith("SELECT period AS value, ")


@pytest.mark.engine
async def test_the_engine_writes_months_as_french_does(clickhouse_url):
    engine = await client.connect(clickhouse_url, "default")
    try:
        sql = f"SELECT {month_name('one')} FROM (SELECT arrayJoin({YEAR}) AS one)"
        rows = (await engine.query(sql)).result_rows
    finally:
        await engine.close()
    assert [text for (text,) in rows] == [french.month(one) for one in YEAR]


@pytest.mark.engine
async def test_months_of_variables_tables_and_marks_are_in_french(clickhouse_url, database):
    await fill(clickhouse_url, database)
    engine = await client.connect(clickhouse_url, database)
    days = {"date_from": "2026-10-25", "date_to": "2026-11-24"}
    try:
        chosen, listed, *marks = [
            (await engine.query(one.sql(lambda name: f"{{{name}:String}}"), days)).result_rows
            for one in (PERIOD, MONTHS, *ANNOTATIONS)
        ]
    finally:
        await engine.close()
    assert chosen
    assert all(text == french.month(value) for value, text in chosen)
    assert [row[0] for row in listed] == [text for _, text in chosen]
    texts = [text for rows in marks for _, text, _ in rows]
    assert texts
    assert not [text for text in texts if re.search(r"\d{4}-\d{2}", text)]
    assert [text for text in texts if french.month(chosen[0][0]) in text]
