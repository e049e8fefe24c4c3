"""What people type finds what they mean: a table written from what people expect, by kind."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from contracts.watches import Query
from libs.matching.language.fields import About
from libs.matching.match import Matcher
from libs.matching.query import query_of

TABLE = Path(__file__).parent / "french_cases.txt"


class Case(NamedTuple):
    """A line of the table."""

    kind: str
    source: str
    watched: tuple[str, ...]
    text: str
    expected: bool
    about: About = About("bluesky")

    @property
    def query(self) -> Query:
        """Return what is watched: terms, or an expression where it asks who speaks."""
        return query_of(*self.watched) if ":" in self.watched[0] else Query(any=self.watched)

    @property
    def found(self) -> bool:
        """Tell whether the text is found."""
        return bool(Matcher([("w", self.query)]).match(self.text, self.about))


_AUTHOR = re.compile(
    r"\[(?P<network>\w+) (?P<kind>\w+)(?: of (?P<places>[\w+]+))?(?: by (?P<followers>\d+))?\] "
)


def _of(text: str) -> tuple[About, str]:
    """Return who says a text, and the text: « [facebook publication of 62498 by 12000] Feu »."""
    if (said := _AUTHOR.match(text)) is None:
        return About("bluesky"), text
    places = tuple((said["places"] or "").split("+")) if said["places"] else ()
    count = int(said["followers"]) if said["followers"] else None
    return About(said["network"], "fr", said["kind"], places, count), text[said.end() :]


def _shown(written: str) -> str:
    """Return a field with its signs that cannot be seen."""
    parts = written.replace(r"\n", "\n").split("\\u")
    return parts[0] + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts[1:])


def cases() -> list[Case]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [
        Case(kind, source, tuple(_shown(watched).split(", ")), text, expected == "yes", about)
        for kind, source, watched, said, expected in rows
        for about, text in [_of(_shown(said))]
    ]


def test_the_table_has_enough_of_each_kind():
    known = cases()
    by_kind = Counter(case.kind for case in known)
    assert len(known) >= 300
    assert min(by_kind.values()) >= 10
    assert sum(case.source == "review" for case in known) * 3 >= len(known)
    assert len({(case.watched, case.text, case.about) for case in known}) == len(known)


def test_nearly_all_are_answered_as_people_expect():
    known = cases()
    wrong = [case for case in known if case.found != case.expected]
    assert len(wrong) <= 0.03 * len(known), wrong
    by_kind = Counter(case.kind for case in known)
    for kind, missed in Counter(case.kind for case in wrong).items():
        assert missed <= 0.1 * by_kind[kind], wrong
