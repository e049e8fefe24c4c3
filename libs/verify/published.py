"""A month's text as it is published (12.1): what of it can be checked, and what cannot.

The text is all that anybody has: no counters, so no score can be made again from it; and where a
network's counters may not leave, no exact bounds, so the month's hash neither.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from libs.verify.standing import SMALLEST_LIST

FIELDS = (
    *("account", "network", "territory", "category", "stratum", "score", "low", "high"),
    *("rank", "ranked", "stratum_rank", "stratum_ranked", "reason"),
)
NUMBERS = frozenset(FIELDS[5:12])
HIGHEST_SCORE = 10_000
"""Hundredths of a point."""

FAULTS_TOLD = 20
"""Faults that are listed; of others the count."""

Line = Mapping[str, str]


class NoMonthError(ValueError):
    """A file that is no text of a month: where it begins to be none."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the text's own SHA-256, how many lines, those with a score, what is wrong.

    `withheld` are the networks whose bounds are not in the text: with them the month's hash cannot
    be made again.
    """

    digest: str
    lines: int
    scored: int
    ranks: int
    withheld: tuple[str, ...]
    faults: tuple[str, ...]


def check(text: bytes) -> Checked:
    """Check the text of a month. Raises `NoMonthError`."""
    lines = [_line(number, one) for number, one in enumerate(text.split(b"\n"), 1)]
    scored = [one for one in lines if one["score"]]
    faults = [*_order(text), *(fault for one in lines for fault in _sound(one))]
    for kind, rank, ranked in (
        ("category", "rank", "ranked"),
        ("stratum", "stratum_rank", "stratum_ranked"),
    ):
        faults += _ranks(scored, kind, rank, ranked)
    return Checked(
        digest=sha256(text).hexdigest(),
        lines=len(lines),
        scored=len(scored),
        ranks=sum(bool(one["rank"]) + bool(one["stratum_rank"]) for one in scored),
        withheld=tuple(sorted({one["network"] for one in scored if not one["low"]})),
        faults=tuple(faults),
    )


def _line(number: int, raw: bytes) -> Line:
    try:
        values = raw.decode().split(";")
    except UnicodeDecodeError:
        raise NoMonthError(f"line {number} is not UTF-8") from None
    if len(values) != len(FIELDS):
        raise NoMonthError(f"line {number} has {len(values)} fields, not {len(FIELDS)}")
    line = dict(zip(FIELDS, values, strict=True))
    for name in NUMBERS:
        if line[name] and not (line[name].isascii() and line[name].isdigit()):
            raise NoMonthError(f"line {number}: {name} is no whole number: {line[name][:40]!r}")
    return line


def _order(text: bytes) -> Iterable[str]:
    lines = text.split(b"\n")
    if lines != sorted(lines):
        yield "lines are not in the order of their bytes (12.1)"
    accounts = [one.partition(b";")[0] for one in lines]
    if len(set(accounts)) != len(accounts):
        yield "an account has two lines"


def _sound(line: Line) -> Iterable[str]:
    """Say what of a line contradicts itself (7.1, 9, 12.2)."""
    account = line["account"]
    if bool(line["score"]) == bool(line["reason"]):
        yield f"{account}: a score or a reason, and not both"
        return
    if not line["score"]:
        if any(line[name] for name in NUMBERS):
            yield f"{account}: not scored, and yet ranked or bounded"
        return
    score = int(line["score"])
    low, high = int(line["low"] or score), int(line["high"] or score)
    if not low <= score <= high or high > HIGHEST_SCORE:
        yield f"{account}: {low} ≤ {score} ≤ {high} does not hold, or is beyond {HIGHEST_SCORE}"


def _ranks(scored: Iterable[Line], kind: str, rank: str, ranked: str) -> Iterable[str]:
    """Say which ranks are not those that the scores give (10.1 to 10.3)."""
    cells: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    for one in scored:
        if one[kind]:
            cells[one["network"], one[kind]].append(one)
    for (network, cell), lines in sorted(cells.items()):
        scores = sorted(int(one["score"]) for one in lines)
        for one in lines:
            place = 1 + len(scores) - bisect_right(scores, int(one["score"]))
            expected = (str(place) if len(scores) >= SMALLEST_LIST else "", str(len(scores)))
            if (one[rank], one[ranked]) != expected:
                told, given = (
                    f"{first or 'no rank'} of {of or 'none'}"
                    for first, of in ((one[rank], one[ranked]), expected)
                )
                yield f"{one['account']}: {told} in {network}, {cell}; its score gives {given}"
