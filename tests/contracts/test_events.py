"""Strict to write, lenient to read: what an event refuses, and how an instant is written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from contracts.accounts import AccountObserved
from contracts.event import hashed_id, observation_id

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)

OBSERVED = {
    "event_id": "e",
    "origin": "simulation",
    "account": "a",
    "network": "bluesky",
    "handle": "a.example",
    "slot": NOON,
    "observed_at": NOON,
    "followers": 12,
    "following": 3,
    "posts": 4,
    "absent": {"likes": "not_published", "views": "not_published"},
}


def test_a_null_counter_says_why():
    with pytest.raises(ValueError, match="followers is null without a reason"):
        AccountObserved.write(**{**OBSERVED, "followers": None})


def test_a_figure_has_no_reason_to_be_absent():
    absent = {**OBSERVED["absent"], "followers": "hidden"}
    with pytest.raises(ValueError, match="followers has a figure"):
        AccountObserved.write(**{**OBSERVED, "absent": absent})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("followers", -1),
        ("followers", True),
        ("followers", "12"),
        ("followers", 1.0),
        ("followers", 2**63),
        ("account", 7),
        ("account", ""),
        ("origin", "estimated"),
        ("slot", datetime(2026, 10, 5)),  # noqa: DTZ001 — an instant without a zone is the case
        ("slot", datetime(1970, 1, 1, tzinfo=UTC)),
        ("absent", {"likes": "unknown"}),
    ],
)
def test_bad_values_are_refused_by_name(field, value):
    with pytest.raises(ValidationError, match=field):
        AccountObserved.write(**{**OBSERVED, field: value})


def test_instants_are_written_in_utc():
    paris = timezone(timedelta(hours=2))
    observed = AccountObserved.write(**{**OBSERVED, "slot": NOON.astimezone(paris)})
    assert b'"slot":"2026-10-05T12:00:00Z"' in observed.encode()


def test_an_observation_done_twice_has_one_id():
    paris = timezone(timedelta(hours=2))
    assert observation_id("a", NOON) == observation_id("a", NOON.astimezone(paris))
    assert observation_id("a", NOON) != observation_id("a", NOON + timedelta(microseconds=1))


def test_parts_of_an_id_do_not_run_together():
    assert hashed_id("ab", "c") != hashed_id("a", "bc")
