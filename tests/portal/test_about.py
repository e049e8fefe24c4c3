import re
from typing import get_args

from contracts.jobs import CAUSES, Cause


def test_every_cause_of_failure_is_said_in_french():
    assert set(CAUSES) == set(get_args(Cause))
    assert {cause for cause, words in CAUSES.items() if not words.why} == {"done", "unchanged"}


async def test_the_methodology_begins_in_plain_words_and_leads_to_each_chapter(portal):
    page = (await portal.get("/methodologie")).text
    assert page.index("En clair") < page.index("Le texte exact") < page.index("milliardièmes")
    led_to = re.findall(r'<a href="#([\d.]+)">', page)
    assert {str(number) for number in range(1, 14)} <= set(led_to)
    anchors = re.findall(r' id="([^"]+)"', page)
    assert set(led_to) | {"6.3", "en-clair", "mois"} <= set(anchors)
    assert len(anchors) == len(set(anchors))
