"""Methodologies as data: one file each, named by its version."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from contracts.accounts import AccountCounter
from contracts.posts import PostCounter

FOLDER = Path(__file__).parent
CURRENT = "2026-2"
"""The methodology by which months are published."""


class UnknownMethodologyError(Exception):
    """No file has this version."""


class Anchor(msgspec.Struct, frozen=True):
    """A published value (billionths) and what it is worth at least, in points."""

    value: int
    worth: int


class BaremeRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a barème is drawn: quantiles in twentieths, their worth, anchors, the smallest cell."""

    twentieths: tuple[int, ...]
    worths: tuple[int, ...]
    smallest_cell: int
    at_least: dict[str, Anchor]
    full: dict[str, int]


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ages in seconds between which a reading of a post counts, and the best one."""

    earliest: int
    best: int
    latest: int


class Scored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a scored network gives: counters of a post that are summed, and of an account."""

    interactions: tuple[PostCounter, ...]
    account: tuple[AccountCounter, ...]
    if_given: tuple[PostCounter, ...] = ()


class Interval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The KPI whose sampling error makes the interval of a score, at so many standard errors."""

    kpi: str
    hundredths: int


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many of a thousand internet users in France use a network, by a source and its year."""

    per_mille: int = 0
    source: str = ""
    year: int | None = None

    @property
    def weight(self) -> int:
        """Return what the network weighs: nothing without a source and its year."""
        return self.per_mille if self.source and self.year else 0


class Synthetic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the networks of a territory weigh, and the least share (percent) that is a score."""

    least_share: int
    use_in_france: dict[str, Use]


class Methodology(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the methodology (docs/methodology.md); weights by KPI, durations in seconds.

    `deletions`: a post is deleted once `told` so, or only if that `stands`: if it is not given
    again since (its account was hidden).
    """

    version: str
    weights: dict[str, int]
    bareme: BaremeRules
    reading: Reading
    followers_near_ends: int
    followers_after_post: int
    fewest_posts: int
    fewest_measured: int
    largest_gap_percent: int
    largest_hidden_percent: int
    fewest_ranked: int
    interval: Interval
    networks: dict[str, Scored]
    shown: tuple[str, ...]
    synthetic: Synthetic
    deletions: Literal["told", "stands"] = "told"


def versions() -> tuple[str, ...]:
    """Return the versions that are shipped."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def methodology(version: str = CURRENT) -> Methodology:
    """Return a methodology; raises `UnknownMethodologyError` naming those there are."""
    if version not in versions():
        raise UnknownMethodologyError(f"{version}: {', '.join(versions())} exist")
    text = (FOLDER / f"{version}.yaml").read_text("utf-8")
    return msgspec.convert(yaml.safe_load(text), Methodology)
