from typing import get_args

from contracts.jobs import Cause
from services.api.pages.about import CAUSES, LESSONS, rendered
from services.api.sentences import ADVICE


def test_every_cause_of_failure_is_said_in_french():
    assert set(CAUSES) == set(get_args(Cause)) - {"done", "unchanged"}


def test_every_advice_has_its_lesson():
    for advice in ADVICE.values():
        text = rendered(LESSONS / f"{advice.lesson}.md")
        assert advice.lesson_title in text
        assert f"{advice.minutes} minutes" in text
