"""What people type finds what they mean: a table written from what people expect, by kind."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from contracts.watches import Query
from libs.matching.language.fields import About
from libs.matching.match import Matcher

TABLE = Path(__file__).parent / "french_cases.txt"


class Case(NamedTuple):
    """A line of the table."""

    kind: str
    source: str
    watched: tuple[str, ...]
    text: str
    expected: bool


def _shown(written: str) -> str:
    """Return a field with its signs that cannot be seen."""
    parts = written.replace(r"\n", "\n").split("\\u")
    return parts[0] + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts[1:])


def cases() -> list[Case]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    return [
        Case(kind, source, tuple(_shown(watched).split(", ")), _shown(text), expected == "yes")
        for kind, source, watched, text, expected in rows
    ]


def test_the_table_has_enough_of_each_kind():
    known = cases()
    by_kind = Counter(case.kind for case in known)
    assert len(known) >= 300
    assert min(by_kind.values()) >= 10
    assert sum(case.source == "review" for case in known) * 3 >= len(known)
    assert len({(case.watched, case.text) for case in known}) == len(known)


def test_nearly_all_are_answered_as_people_expect():
    known = cases()
    wrong = [
        case
        for case in known
        if bool(Matcher([("w", Query(any=case.watched))]).match(case.text, About("bluesky")))
        != case.expected
    ]
    assert len(wrong) <= 0.03 * len(known), wrong
    by_kind = Counter(case.kind for case in known)
    for kind, missed in Counter(case.kind for case in wrong).items():
        assert missed <= 0.1 * by_kind[kind], wrong
