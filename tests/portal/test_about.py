import re
from typing import get_args

import pytest

from contracts.jobs import CAUSES, Cause
from contracts.kpis import KPIS
from services.api.words.lessons import LessonError, lesson_for, lessons


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


def test_every_lever_has_its_lesson():
    assert all(lesson_for(kpi) for kpi in (*{kpi.slug for kpi in KPIS if kpi.lever}, "followers"))


async def test_lessons_are_listed_and_shown(portal):
    page = (await portal.get("/lecons")).text
    for lesson in lessons().values():
        assert f'href="/lecons/{lesson.slug}"' in page
        shown = (await portal.get(f"/lecons/{lesson.slug}")).text
        assert f"<h1>{lesson.title}</h1>" in shown
        assert lesson.act in shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("# No front matter", "front matter"),
        ("---\ntitle: A\nminutes: 4\n---\n", "act"),
        ("---\ntitle: A\nminutes: 4\nhelps: [x]\nact: b\n---\n", "x"),
        ("---\ntitle: [\n---\n", "a.md"),
    ],
)
def test_a_lesson_with_a_fault_is_refused_by_name(tmp_path, text, named):
    (tmp_path / "a.md").write_text(text)
    with pytest.raises(LessonError, match=named):
        lessons(tmp_path)
