"""A source that fails is told once, and told again only after it has answered."""

from datetime import datetime, timedelta

import pytest

from contracts.alerts import AlertRaised
from contracts.jobs import Cause, JobEnded, owner_bucket
from contracts.watches import Query, QuietHours
from libs.deciding.state import WatchState
from services.alerts.deciding.outages import tell_outages
from services.alerts.deciding.sources import Sources
from tests.alerts import builders
from tests.alerts.builders import NOW, watched

PLACE = "Essai-sur-Onde"


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def ended(cause: Cause, minutes: float, network: str = "bluesky") -> JobEnded:
    return builders.ended(network, cause, after(minutes))


def heard(*ends: JobEnded) -> Sources:
    sources = Sources(started_at=NOW - timedelta(hours=1))
    for end in ends:
        sources.take(end)
    return sources


def failing(cause: Cause = "unavailable", *, number: int = 4) -> Sources:
    return heard(ended("done", -1), *[ended(cause, 2 * n) for n in range(number)])


@pytest.mark.parametrize(
    ("sources", "minutes", "kind"),
    [
        (failing(), 6, "source_failed"),
        (failing(), 4, None),
        (failing(number=2), 30, None),
        (failing("rate_limited"), 6, "source_failed"),
        (failing("credential", number=1), 0, "source_failed"),
        (failing("gone"), 60, None),
        (failing("refused"), 60, None),
        (failing("expired"), 60, None),
        (heard(ended("done", 0)), 60 * 8, None),
        (heard(ended("done", 0)), 60 * 10, "silence"),
        (heard(), 60 * 24, None),
    ],
)
def test_when_a_source_is_in_trouble(sources, minutes, kind):
    trouble = sources.troubles(after(minutes)).get("bluesky")
    assert (trouble and trouble.kind) == kind


def test_networks_that_nobody_knows_are_not_kept():
    ends = (ended("credential", 0, network=f"unheard-of-{number}") for number in range(100))
    assert heard(*ends).troubles(after(60)) == {}


def test_an_answer_ends_the_trouble():
    sources = failing()
    sources.take(ended("unchanged", 9))
    assert sources.troubles(after(10)) == {}


def test_one_network_in_trouble_is_not_another():
    sources = failing()
    sources.take(ended("done", 6, network="rss"))
    assert set(sources.troubles(after(8))) == {"bluesky"}


def test_just_after_a_start_silence_is_not_judged():
    sources = Sources(started_at=after(60 * 24))
    sources.take(ended("done", 0))
    assert sources.troubles(after(60 * 24 + 5)) == {}
    assert set(sources.troubles(after(60 * 24 + 16))) == {"bluesky"}


def test_it_is_told_once_until_it_answers_again():
    state, watch = WatchState("w1"), watched()
    sources = failing()
    told = [
        alert
        for minutes in range(6, 60, 3)
        for alert in tell_outages(
            watch, state, sources.troubles(after(minutes)), PLACE, after(minutes)
        )
    ]
    assert [(a.kind, a.title) for a in told] == [
        ("source_failed", "Source en panne · Bluesky · Essai-sur-Onde")
    ]
    assert "8\u00a0h\u00a043" in told[0].why
    assert "Dernière réponse" in told[0].why
    # After a restart the snapshot still knows; one answer, then another failure, is no news.
    state = WatchState.load(state.snapshot(0, "simulation", after(60)))

    def tell(minutes: float) -> list[AlertRaised]:
        return tell_outages(watch, state, sources.troubles(after(minutes)), PLACE, after(minutes))

    assert tell(61) == []
    sources.take(ended("done", 62))
    assert tell(62) == []
    for minutes in (63, 65, 67, 69):
        sources.take(ended("unavailable", minutes))
    assert tell(70) == []
    # Ten minutes of answers are, once; then a failure is another.
    sources.take(ended("done", 71))
    assert tell(71) == []
    state = WatchState.load(state.snapshot(0, "simulation", after(72)))
    assert tell(80) == []
    (back,) = tell(81)
    assert back.title == "Source rétablie · Bluesky · Essai-sur-Onde"
    assert "9\u00a0h\u00a054" in back.why
    assert back.group != told[0].group
    assert tell(82) == []
    for minutes in (83, 85, 87, 89):
        sources.take(ended("unavailable", minutes))
    (again,) = tell(90)
    assert again.alert != told[0].alert


def test_that_it_is_back_waits_for_the_end_of_quiet_hours():
    state, sources = WatchState("w1"), failing()
    assert tell_outages(watched(), state, sources.troubles(after(6)), PLACE, after(6))
    quiet = watched(quiet=QuietHours(start=0, end=1439))
    assert tell_outages(quiet, state, {}, PLACE, after(30)) == []
    assert tell_outages(watched(), state, {}, PLACE, after(31)) == []
    assert len(tell_outages(watched(), state, {}, PLACE, after(41))) == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, 1),
        ({"state": "paused"}, 0),
        ({"query": Query(any=("eau",), networks=("rss",))}, 0),
        ({"query": Query(any=("eau",), networks=("rss", "bluesky"))}, 1),
        ({"quiet": QuietHours(start=0, end=1439)}, 0),
    ],
)
def test_whom_it_concerns(fields, told):
    troubles = failing().troubles(after(10))
    assert (
        len(tell_outages(watched(**fields), WatchState("w1"), troubles, PLACE, after(10))) == told
    )


def test_a_token_of_an_owner_that_is_refused_is_no_trouble_of_the_network():
    bucket = owner_bucket("bluesky", "acc-1")
    refused = ended("credential", 0).model_copy(update={"bucket": bucket})
    assert heard(refused).troubles(after(10)) == {}
    assert heard(ended("credential", 0)).troubles(after(10)) != {}


def test_a_network_that_owners_open_may_have_none_open_any_more():
    sources = heard(ended("done", 0, "tiktok"), ended("done", 0, "bluesky"))
    assert set(sources.troubles(after(24 * 60))) == {"bluesky"}
