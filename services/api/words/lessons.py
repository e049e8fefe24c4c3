"""Lessons: one Markdown file each in `lessons/`, its facts in front matter, read once.

    title    what it is called
    minutes  how long it takes to read
    helps    slugs of the KPIs that it helps with
    act      what to do this week, without capital nor full stop

Adding a lesson is adding its file: it is listed, and proposed where its KPI cost most.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from contracts.kpis import BY_SLUG

FOLDER = Path(__file__).parents[1] / "lessons"
MARK = "---\n"


class LessonError(ValueError):
    """A lesson whose front matter is missing or wrong; says which file and what."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A short lesson; `text` is Markdown."""

    slug: str
    title: str
    minutes: int
    helps: tuple[str, ...]
    act: str
    text: str


@cache
def lessons(folder: Path = FOLDER) -> dict[str, Lesson]:
    """Return the lessons by slug. Raises `LessonError` for a file that is not one."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.md"))}


def lesson_for(kpi: str) -> Lesson | None:
    """Return the first lesson that helps with a KPI."""
    return next((one for one in lessons().values() if kpi in one.helps), None)


def _read(path: Path) -> Lesson:
    before, _, rest = path.read_text(encoding="utf-8").partition(MARK)
    facts, found, text = rest.partition(MARK)
    if before or not found:
        raise LessonError(f"{path.name}: begins with no front matter between two lines « --- »")
    try:
        lesson = Lesson(slug=path.stem, text=text, **yaml.safe_load(facts))
    except (TypeError, yaml.YAMLError) as error:
        raise LessonError(f"{path.name}: {error}") from error
    if unknown := set(lesson.helps) - BY_SLUG.keys():
        raise LessonError(f"{path.name}: `helps` names no KPI: {', '.join(sorted(unknown))}")
    return lesson
