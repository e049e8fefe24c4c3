import re
from typing import get_args

import httpx

from contracts.jobs import Cause
from services.api.pages.about import CAUSES, LESSONS, rendered
from services.api.words.sentences import ADVICE


def test_every_cause_of_failure_is_said_in_french():
    assert set(CAUSES) == set(get_args(Cause)) - {"done", "unchanged"}


async def test_the_methodology_begins_in_plain_words_and_leads_to_each_chapter(
    portal: httpx.AsyncClient,
):
    page = (await portal.get("/methodologie")).text
    assert page.index("En clair") < page.index("Le texte exact") < page.index("milliardièmes")
    led_to = re.findall(r'<a href="#([\d.]+)">', page)
    assert {str(number) for number in range(1, 14)} <= set(led_to)
    anchors = re.findall(r' id="([^"]+)"', page)
    assert set(led_to) | {"6.3", "en-clair", "mois"} <= set(anchors)
    assert len(anchors) == len(set(anchors))


def test_every_advice_has_its_lesson():
    for advice in ADVICE.values():
        text = rendered(LESSONS / f"{advice.lesson}.md")
        assert advice.lesson_title in text
        assert f"{advice.minutes} minutes" in text
