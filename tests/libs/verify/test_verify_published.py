"""The published text of a month, checked by itself: its ranks, its hash where that can be."""

from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from libs.verify.published import FIELDS, NoMonthError, check
from services.cli import main
from tests.golden.months import rows


def line(number: int, score: int, rank: str, network: str = "bluesky", bounds: bool = True) -> str:
    low, high = (str(score - 9), str(score + 9)) if bounds else ("", "")
    place = f"{rank};12;{rank};12" if rank else "12;;12"
    return f"c{number:02};{network};001;villages;0-499;{score};{low};{high};{place};"


SCORES = [9000, 8000, 8000, *range(7000, 6100, -100)]
RANKS = [1, 2, 2, *range(4, 13)]
GOOD = [
    line(n, score, str(rank)) for n, (score, rank) in enumerate(zip(SCORES, RANKS, strict=True))
]
UNSCORED = "c99;bluesky;001;villages;0-499;;;;;;;;few_posts"


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def verified(tmp_path: Path, content: bytes, *options: str):
    file = tmp_path / "empreinte.txt"
    file.write_bytes(content)
    return CliRunner().invoke(main, ["verify", str(file), *options])


def test_a_sound_text_has_its_hash_and_its_ranks(tmp_path):
    content = text(*GOOD, UNSCORED)
    found = check(content)
    assert (found.lines, found.scored, found.ranks, found.withheld) == (13, 12, 24, ())
    assert found.faults == ()
    done = verified(tmp_path, content, "--hash", sha256(content).hexdigest())
    assert (done.exit_code, "24 ranks" in done.output) == (0, True)
    done = verified(tmp_path, content, "--hash", "0" * 64)
    assert (done.exit_code, "not that of this text" in done.output) == (1, True)


@pytest.mark.parametrize("month", rows("months"), ids=lambda month: month["period"])
def test_months_that_were_fixed_once_are_sound_and_have_their_hash(month):
    """Four networks, ties, short lists: by the scorer's own lines of that day."""
    lines = [
        ";".join("" if row[name] is None else str(row[name]) for name in FIELDS).encode()
        for row in rows("scores")
        if row["period"] == month["period"]
    ]
    found = check(b"\n".join(sorted(lines)))
    assert (found.digest, found.lines, found.scored) == (
        month["hash"], month["accounts"], month["ranked"],
    )  # fmt: skip
    assert found.faults == ()


def test_where_bounds_may_not_leave_ranks_are_checked_and_the_hash_is_said_not_to_be(tmp_path):
    closed = [one.replace("bluesky", "facebook") for one in GOOD]
    closed = [";".join((*one.split(";")[:6], "", "", *one.split(";")[8:])) for one in closed]
    assert check(text(*closed)).withheld == ("facebook",)
    done = verified(tmp_path, text(*closed), "--hash", "0" * 64)
    assert done.exit_code == 0
    assert "cannot be checked: the month's hash" in done.output
    assert "Facebook" in done.output


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([GOOD[0].replace(";1;12;1;12;", ";2;12;1;12;"), *GOOD[1:]], "its score gives 1"),
        ([*GOOD[:11]], "of 11"),
        ([GOOD[1], GOOD[0], *GOOD[2:]], "order"),
        ([*GOOD, GOOD[11]], "two lines"),
        ([GOOD[0].replace("8991", "9999"), *GOOD[1:]], "≤"),
        ([*GOOD, UNSCORED.replace("few_posts", "")], "a score or a reason"),
        ([*GOOD, UNSCORED.replace(";;;;;;;;few", ";;3;;;;;;few")], "yet ranked"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, lines, word):
    assert any(word in fault for fault in check(text(*lines)).faults)
    assert verified(tmp_path, text(*lines)).exit_code == 1


def test_a_short_list_has_no_ranks():
    few = [f"c{n};x;1;villages;;{n}0;;;;3;;;" for n in range(1, 4)]
    assert check(text(*few)).faults == ()


@pytest.mark.parametrize(
    "content", [b"", b"a;b", b"\xff\xfe", text(GOOD[0].replace("9000", "9e3"))]
)
def test_what_is_no_text_of_a_month_is_said(tmp_path, content):
    with pytest.raises(NoMonthError):
        check(content)
    done = verified(tmp_path, content)
    assert (done.exit_code, "no text of a month" in done.output) == (1, True)
