"""Lessons: one Markdown file each in `lessons/`, its facts in front matter, read once.

Adding a lesson is adding its file: it is listed, proposed in its turn where nothing is urgent, and
on the occasions that it names. Its last chapter, « À emporter : … », is what a reader takes away.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from contracts.kpis import BY_SLUG
from contracts.networks import KNOWN
from contracts.territories import Category
from libs.matching.words import fold

FOLDER = Path(__file__).parents[1] / "lessons"
MARK = "---\n"
TAKEN = "\n## À emporter : "

Subject = Literal["commencer", "publier", "repondre", "alerter", "droit", "mesurer"]
Level = Literal["novice", "confirmé"]
Occasion = Literal["alert", "electoral", "few_posts", "no_account", "score"]

SUBJECTS: dict[Subject, str] = {
    "commencer": "Commencer, durer, fermer",
    "publier": "Publier",
    "repondre": "Répondre et modérer",
    "alerter": "Alerter",
    "droit": "Droit et accès de tous",
    "mesurer": "Mesurer et convaincre",
}
LEVELS: dict[Level, str] = {"novice": "pour commencer", "confirmé": "pour aller plus loin"}


class LessonError(ValueError):
    """A lesson whose front matter is missing or wrong; says which file and what."""


class Fact(BaseModel):
    """What front matter holds: no other field, and all of them but those with a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Fact):
    """A page that the law or the fact of a lesson was read on, and the day."""

    name: str = Field(min_length=10)
    url: str = Field(pattern=r"^https://")
    read: date


class Lesson(Fact):
    """A short lesson.

    `helps` are the slugs of the KPIs that it helps with (a filter of the list), `when` the
    occasions on which pages propose it; `networks` and `categories` whom it is for, everybody
    where they are empty.
    `act` is what to do on Monday, without capital nor full stop. `text` and `taken` are Markdown.
    """

    slug: str
    title: str = Field(min_length=3, max_length=70)
    subject: Subject
    level: Level
    minutes: int = Field(ge=1, le=10)
    helps: tuple[str, ...]
    when: tuple[Occasion, ...] = ()
    networks: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    take: Literal["modèle", "liste"]
    act: str = Field(min_length=10, pattern=r"[^.]$")
    sources: tuple[Source, ...] = ()
    text: str
    taken_title: str
    taken: str

    @field_validator("helps")
    @classmethod
    def _known_kpis(cls, slugs: tuple[str, ...]) -> tuple[str, ...]:
        return _known(slugs, BY_SLUG)

    @field_validator("networks")
    @classmethod
    def _known_networks(cls, slugs: tuple[str, ...]) -> tuple[str, ...]:
        return _known(slugs, {one.slug: one for one in KNOWN})

    def suits(self, network: str, category: str) -> bool:
        """Whether it is for such an account; what is not said suits."""
        return (not network or not self.networks or network in self.networks) and (
            not category or not self.categories or category in self.categories
        )


def _known(slugs: tuple[str, ...], registry: Mapping[str, object]) -> tuple[str, ...]:
    if unknown := set(slugs) - registry.keys():
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return slugs


CHOICES: dict[str, dict[str, str]] = {
    "sujet": {**SUBJECTS},
    "niveau": {**LEVELS},
    "reseau": {one.slug: one.name for one in KNOWN},
    "indicateur": {slug: kpi.label for slug, kpi in BY_SLUG.items()},
    "taille": {one.value: one.label for one in Category if one is not Category.AUTRES},
    "minutes": {str(most): f"{most} minutes au plus" for most in (3, 4, 5)},
}
"""What each filter of the list may be, with its words."""


@cache
def lessons(folder: Path = FOLDER) -> dict[str, Lesson]:
    """Return the lessons by slug, in the order of pages. Raises `LessonError` for none of ours."""
    order = list(get_args(Subject))
    found = [_read(path) for path in sorted(folder.glob("*.md"))]
    found.sort(key=lambda one: (order.index(one.subject), one.level != "novice", one.slug))
    return {one.slug: one for one in found}


def search(filters: Mapping[str, str], typed: str = "") -> list[Lesson]:
    """Return the lessons that answer each filter (`CHOICES`) that is given, in order.

    Words that are typed are looked for folded, by their beginning: « modér » finds « Modérer ».
    """
    asked = {name: filters.get(name, "") for name in CHOICES}
    words = fold(typed)
    return [
        one
        for one in lessons().values()
        if asked["sujet"] in ("", one.subject)
        and asked["niveau"] in ("", one.level)
        and one.suits(asked["reseau"], asked["taille"])
        and (not asked["indicateur"] or asked["indicateur"] in one.helps)
        and (not asked["minutes"] or one.minutes <= int(asked["minutes"]))
        and all(b" " + word in _folded(one.slug) for word in words)
    ]


def lesson_for(
    *,
    when: Occasion | None = None,
    network: str = "",
    category: str = "",
    named: bool = False,
    turn: int = 0,
) -> Lesson | None:
    """Return the lesson to propose to such an account; None without any.

    Of an occasion, or of none: those that name one are kept for it.

    Those that name the network or the category come first (`named`: those of the network alone);
    `turn` (a week: any number) goes through them one after the other, so that the same is not said
    for ever.
    """
    fitting = [
        one
        for one in lessons().values()
        if (when in one.when if when else not one.when)
        and (not named or network in one.networks)
        and one.suits(network, category)
    ]
    fitting.sort(key=lambda one: not (one.networks or one.categories))
    return fitting[turn % len(fitting)] if fitting else None


def beside(lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """Return the lesson before and the one after, in the order of the list."""
    all_of_them = list(lessons().values())
    place = all_of_them.index(lesson)
    after = all_of_them[place + 1] if place + 1 < len(all_of_them) else None
    return (all_of_them[place - 1] if place else None), after


@cache
def _folded(slug: str) -> bytes:
    one = lessons()[slug]
    said = (one.title, one.act, one.text, one.taken_title, one.taken, SUBJECTS[one.subject])
    return b" " + b" ".join(fold(" ".join(said)))


def _read(path: Path) -> Lesson:
    before, _, rest = path.read_text(encoding="utf-8").partition(MARK)
    facts, found, written = rest.partition(MARK)
    if before or not found:
        raise LessonError(f"{path.name}: begins with no front matter between two lines « --- »")
    text, taken, last = written.partition(TAKEN)
    if not taken:
        raise LessonError(f"{path.name}: its last chapter is no « À emporter : … »")
    title, _, body = last.partition("\n")
    try:
        given: dict[str, Any] = yaml.safe_load(facts)
        return Lesson(slug=path.stem, text=text, taken_title=title, taken=body, **given)
    except (TypeError, yaml.YAMLError, ValidationError) as error:
        raise LessonError(f"{path.name}: {error}") from error
