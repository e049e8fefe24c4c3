"""A watch in a time zone that does not exist would fail at its first text."""

import pytest

NEW = {"territory": "00101", "name": "Eau", "purpose": "Astreinte", "query": {"any": ["eau"]}}


@pytest.mark.parametrize(
    "zone", ["Mars/Phobos", "", "Europe", "../Paris", "/etc/localtime", "Europe/Paris\0", "x" * 300]
)
async def test_a_zone_that_does_not_exist_is_refused(portal, store, zone):
    answer = await portal.post("/api/v1/watches", json={"watch": NEW | {"timezone": zone}})
    assert answer.status_code == 422
    assert "« timezone »" in answer.json()["detail"]
    assert store.watches.all() == []


async def test_the_refusal_says_what_a_zone_is(portal):
    answer = await portal.post("/api/v1/watches", json={"watch": NEW | {"timezone": "Paris"}})
    assert "Europe/Paris" in answer.json()["detail"]


async def test_a_zone_of_overseas_is_taken(portal):
    body = {"watch": NEW | {"timezone": "Indian/Reunion"}}
    assert (await portal.post("/api/v1/watches", json=body)).json()["timezone"] == "Indian/Reunion"
