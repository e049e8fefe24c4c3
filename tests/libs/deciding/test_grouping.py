"""One event is one message to one person: what is one event, when an update is due, its words."""

from datetime import timedelta

import pytest

from contracts.alerts import AlertRaised
from libs.deciding.grouping import OPEN, Incident, Message, merged, update_id
from libs.deciding.stages import Item
from tests.alerts.builders import NOW, match, raised

MINUTE = timedelta(minutes=1)


def alert(*texts: str, name: str = "a1", first: int = 0, **fields: object) -> AlertRaised:
    """Return an alert of these texts, numbered from `first` on."""
    terms = fields.pop("terms", ("coupure d'eau",))
    evidence = [
        Item.of(match(first + number, excerpt=text, terms=terms)).evidence
        for number, text in enumerate(texts)
    ]
    return raised(1).model_copy(
        update={"alert": name, "evidence": tuple(evidence), "total": len(texts), **fields}
    )


SAID = "Encore une coupure d’eau rue Basse, à Essai-sur-Onde"


@pytest.mark.parametrize(
    ("other", "one_event"),
    [
        (alert(SAID.upper(), name="a2", first=9, territory="00999"), True),
        (alert("Rue Haute non plus", name="a2", first=9, terms=("coupure d'eau", "Essai")), True),
        (alert("Rue Haute non plus", name="a2", first=9, terms=("coupure d'eau",)), False),
        (
            alert(
                *["Rue Haute non plus"], name="a2", first=9, territory="00999",
                terms=("coupure d'eau", "Essai"),
            ),
            False,
        ),
        (alert("plus d’eau", name="a2", first=9), False),
    ],
)  # fmt: skip
def test_what_is_one_event(other, one_event):
    incident = Incident.of(alert(SAID, terms=("coupure d'eau", "Essai")), NOW)
    assert incident.takes(other, NOW + MINUTE) is one_event
    assert not incident.takes(other, NOW + OPEN)


def test_failed_sources_are_one_event_a_network():
    one, same, other = (
        alert(name=name, group=f"source:{network}", kind="source_failed")
        for name, network in (("a1", "rss"), ("a2", "rss"), ("a3", "bluesky"))
    )
    incident = Incident.of(one, NOW)
    assert incident.takes(same, NOW)
    assert not incident.takes(other, NOW)


def opened(first: AlertRaised) -> Incident:
    """Return an event of which the first message was accepted."""
    incident = Incident.of(first, NOW)
    incident.accepted(Message.of(first), NOW)
    return incident


def test_what_brings_no_new_text_is_told_no_more():
    incident = opened(alert(SAID))
    incident.hold(alert(SAID, name="a2"))
    assert incident.due() == NOW
    held, told = incident.update()
    assert ([one.alert for one in held], told) == (["a2"], None)


@pytest.mark.parametrize(
    ("fresh", "due"),
    [(1, OPEN), (4, OPEN), (5, 10 * MINUTE), (6, 10 * MINUTE), (7, timedelta(0))],
)
def test_when_the_update_is_due(fresh, due):
    incident = opened(alert(SAID))
    incident.hold(alert(*[SAID] * fresh, name="a2", first=1))
    assert incident.due() == NOW + due


def test_a_second_update_waits_for_ten_minutes_from_the_message_before():
    incident = opened(alert(SAID))
    incident.hold(alert(*[SAID] * 7, name="a2", first=1))
    _, message = incident.update()
    assert message
    incident.accepted(message, NOW + timedelta(seconds=3))
    incident.hold(alert(*[SAID] * 90, name="a3", first=20))
    assert incident.due() == NOW + 10 * MINUTE


def test_an_update_tells_only_what_is_new_as_one():
    incident = opened(alert(SAID))
    incident.hold(alert(SAID, "Rue Haute non plus, dit-on", name="a2"))
    incident.hold(alert(*["Rien non plus rue Neuve, plus une goutte"] * 3, name="a3", first=5))
    held, message = incident.update()
    assert message
    told = message.told
    assert update_id(incident.thread, held) == update_id("a1", [alert(name="a2")])
    assert told.alert == "a3"
    assert told.total == 4
    assert "4\u00a0messages de plus" in told.title
    assert [times for _, times in merged(told.evidence)] == [1, 3]


@pytest.mark.parametrize("first", [alert(SAID), alert(kind="source_failed", total=0)])
def test_what_follows_a_message_that_was_refused_is_told_at_once(first):
    incident = Incident.of(first, NOW)
    incident.hold(first.model_copy(update={"alert": "a2"}))
    assert incident.due() == NOW
    _, message = incident.update()
    assert message
    assert message.told.evidence == first.evidence
