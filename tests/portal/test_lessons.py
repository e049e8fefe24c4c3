"""« Apprendre »: every lesson is whole, found and led to."""

import re
from html import unescape

import pytest

from contracts.networks import NETWORKS
from contracts.territories import Category
from libs.french import typography
from services.api.words.lessons import (
    CHOICES,
    SUBJECTS,
    Lesson,
    LessonError,
    Occasion,
    beside,
    lesson_for,
    lessons,
    search,
)
from tests.portal.test_golden_pages import visible

ALL = list(lessons().values())
LAW = re.compile(
    r"\b(?:article|art\.) (?:[LR]\. ?)?\d|\b(?:CEDH|Conseil d’État|cour administrative)"
)
FAULTS = re.compile(
    r".{0,20}(?: [:;!?»%€]|« |'|\"|\.\.\.|“|”|\d (?:h|min)\b|\w[:;!?](?=\s|$)).{0,10}"
)
each = pytest.mark.parametrize("lesson", ALL, ids=lambda one: one.slug)


def text_of(page: str) -> str:
    """The words of a page, with their no-break spaces, without what is code."""
    main = page.partition("<article")[2].partition("</article>")[0].partition(">")[2]
    main = re.sub(r"(?s)<code>.*?</code>", "", main)
    return unescape(re.sub(r"<[^>]+>", "", main))


def test_there_are_enough_and_every_subject_has_some():
    assert len(ALL) >= 40
    assert {one.subject for one in ALL} == set(SUBJECTS)


@each
def test_a_lesson_has_its_length_its_act_and_what_to_take(lesson: Lesson):
    words = re.findall(r"[\w’-]+", f"{lesson.text} {lesson.taken}")
    assert 300 <= len(words) <= 700
    assert abs(lesson.minutes - len(words) / 110) <= 1.5
    assert lesson.act[0].islower()
    assert "\n## À emporter" not in lesson.taken
    mark = "- " if lesson.take == "liste" else "> "
    lines = [one for one in lesson.taken.splitlines() if one.startswith(mark)]
    assert len(lines) >= 3


@each
def test_what_a_lesson_says_of_the_law_was_read_somewhere(lesson: Lesson):
    assert not LAW.search(lesson.text) or lesson.sources
    assert len({one.url for one in lesson.sources}) == len(lesson.sources)


@each
def test_nowhere_is_it_said_that_people_tried_a_lesson(lesson: Lesson):
    said = f"{lesson.title} {lesson.act} {lesson.text} {lesson.taken}".lower()
    assert not re.search(r"testé (?:par|avec)|éprouvé|études? montr|selon une étude", said)


async def test_lessons_are_written_as_french_is(portal):
    found: list[str] = []
    for lesson in ALL:
        said = text_of((await portal.get(f"/apprendre/{lesson.slug}")).text)
        found += [f"{lesson.slug}: {one}" for one in FAULTS.findall(said)]
        found += [f"{lesson.slug}: « and »"] * (said.count("«") != said.count("»"))
    assert found == []


async def test_lessons_are_listed_shown_and_led_on_from(portal):
    listed = (await portal.get("/apprendre")).text
    for lesson in ALL:
        assert f'href="/apprendre/{lesson.slug}"' in listed
        shown = (await portal.get(f"/apprendre/{lesson.slug}?pour=00101")).text
        assert f"<h1>{typography(lesson.title)}</h1>" in shown
        led = {f"/apprendre/{one.slug}?pour=00101" for one in beside(lesson) if one}
        assert led <= set(re.findall('href="([^"]+)"', shown))
        assert 'href="/territoires/00101"' in shown
        assert all(source.url in shown for source in lesson.sources)


def test_every_occasion_has_its_lesson():
    assert all(lesson_for(when=one) for one in Occasion.__args__)


@pytest.mark.parametrize("network", [one.slug for one in NETWORKS if one.scored])
@pytest.mark.parametrize("category", list(Category))
def test_every_account_has_a_lesson_each_week(network, category):
    turned = [lesson_for(network=network, category=category.value, turn=n) for n in range(60)]
    assert all(one is not None and one.suits(network, category.value) for one in turned)
    assert len({one.slug for one in turned}) >= 20


def test_lessons_of_a_network_come_first_and_may_be_asked_alone():
    assert "instagram" in lesson_for(network="instagram", category="metropoles").networks
    assert "bluesky" in lesson_for(network="bluesky", named=True).networks
    assert lesson_for(network="minitel", named=True) is None


@pytest.mark.parametrize(
    ("filters", "typed", "found", "absent"),
    [
        ({"sujet": "alerter"}, "", "eau-coupee", "moderer"),
        ({"niveau": "confirmé"}, "", "convaincre-son-maire", "aout"),
        ({"reseau": "youtube"}, "", "filmer", "photographier"),
        ({"indicateur": "reach"}, "", "etre-trouve", "filmer"),
        ({"taille": "metropoles"}, "", "moderer", "seul-aux-commandes"),
        ({"minutes": "3"}, "", "aout", "moderer"),
        ({}, "MODERER sans", "moderer", "filmer"),
        ({}, "L. 52-1", "reserve-electorale", "filmer"),
    ],
)
def test_lessons_are_found(filters, typed, found, absent):
    answer = [one.slug for one in search(filters, typed)]
    assert found in answer
    assert absent not in answer


async def test_the_list_keeps_what_was_asked_and_tells_what_it_does_not_know(portal):
    page = (await portal.get("/apprendre?sujet=droit&niveau=expert&q=image")).text
    assert "droit-a-l-image" in page
    assert "eau-coupee" not in page
    assert 'value="droit" selected' in page
    assert "niveau = expert" in page
    empty = visible((await portal.get("/apprendre?q=zzzz")).text)
    assert "0 leçon" in empty


async def test_the_list_is_kept_under_its_old_address(portal):
    for old, new in (("", ""), ("/faire-reagir", "/faire-reagir"), ("/nulle-part", "")):
        answer = await portal.get(f"/lecons{old}")
        assert (answer.status_code, answer.headers["location"]) == (301, f"/apprendre{new}")
    assert (await portal.get("/apprendre/nulle-part")).status_code == 404


async def test_every_choice_of_the_form_is_an_address(portal):
    for name, choices in CHOICES.items():
        for choice in choices:
            answer = await portal.get("/apprendre", params={name: choice})
            assert f'value="{choice}" selected' in answer.text


HEAD = (
    "---\ntitle: Une leçon\nsubject: publier\nlevel: novice\nminutes: 4\nhelps: []\ntake: liste\n"
)
ACT = "act: faites une chose\n"
TAKEN = "---\nUn texte.\n\n## À emporter : la liste\n\n- Une ligne.\n"


def test_a_whole_lesson_is_taken(tmp_path):
    (tmp_path / "a.md").write_text(HEAD + ACT + TAKEN)
    assert lessons(tmp_path)["a"].taken_title == "la liste"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("# No front matter", "front matter"),
        (HEAD + TAKEN, "act"),
        (HEAD + ACT + "helps: [x]\n" + TAKEN, "x"),
        (HEAD + ACT + "networks: [minitel]\n" + TAKEN, "minitel"),
        (HEAD + ACT + "colour: red\n" + TAKEN, "colour"),
        (
            HEAD + ACT + "sources: [{name: Une source lue, url: 'https://a.example'}]\n" + TAKEN,
            "read",
        ),
        (HEAD + ACT + "---\nUn texte sans rien à prendre.\n", "emporter"),
        ("---\ntitle: [\n" + TAKEN, "a.md"),
    ],
)
def test_a_lesson_with_a_fault_is_refused_by_name(tmp_path, text, named):
    (tmp_path / "a.md").write_text(text)
    with pytest.raises(LessonError, match=named):
        lessons(tmp_path)
