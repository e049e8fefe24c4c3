"""The table of all lessons, for whoever reads them again: `docs/lessons.md`."""

from pathlib import Path

from contracts.kpis import BY_SLUG
from contracts.networks import network_of
from services.api.words.lessons import LEVELS, SUBJECTS, Lesson, lessons

PAGE = Path("docs/lessons.md")

HEAD = """# Lessons

<!-- Written from `services/api/lessons/` by `make contracts`: change them there. -->

What « Apprendre » has: {count} lessons, {minutes} minutes in all. Each has one act for Monday,
something to take away, and a source where a law or a figure was read, with the day.

| lesson | level | subject | helps with | for | act for Monday | sources |
|---|---|---|---|---|---|---|
"""


def lessons_table() -> str:
    """Return the page, a line a lesson, in the order of the portal."""
    known = list(lessons().values())
    head = HEAD.format(count=len(known), minutes=sum(one.minutes for one in known))
    return head + "".join(map(_line, known))


def _line(one: Lesson) -> str:
    helps = ", ".join(BY_SLUG[slug].label for slug in one.helps)
    networks = [network_of(slug).name for slug in one.networks]
    whom = ", ".join([*networks, *(category.label for category in one.categories)])
    sources = ", ".join(f"[{source.name}]({source.url}) ({source.read})" for source in one.sources)
    title = f"[{one.title}](../services/api/lessons/{one.slug}.md), {one.minutes} min"
    cells = (title, LEVELS[one.level], SUBJECTS[one.subject], helps, whom, one.act, sources)
    return f"| {' | '.join(cell.replace('|', '/') or '–' for cell in cells)} |\n"
