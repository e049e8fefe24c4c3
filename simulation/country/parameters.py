"""The parameters of the generative model, read from ``parameters.yaml``.

Units are in the file: ‰ (thousandths), ppm (millionths), seconds.
"""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
import yaml

Stratum = Literal[
    "hamlet",
    "village",
    "small",
    "town",
    "city",
    "large_city",
    "cc",
    "ca",
    "cu",
    "metropole",
    "departement",
    "region",
]
FILE = Path(__file__).with_name("parameters.yaml")


class StratumLaw(msgspec.Struct, frozen=True):
    """Presence, rhythm and audience of a stratum (‰; followers ÷ inhabitants)."""

    presence: int
    rate: int
    followers: int


class Steps(msgspec.Struct, frozen=True):
    """A factor in ‰ by audience: one more factor than bounds."""

    bounds: tuple[int, ...]
    factors: tuple[int, ...]


class Spreads(msgspec.Struct, frozen=True):
    """Sigmas of log-normal laws, in ‰."""

    account: int
    post: int
    rate: int
    comments: int
    growth: int


class Hours(msgspec.Struct, frozen=True):
    """Weights of the hours of a day, and their effect on engagement (‰)."""

    posts: tuple[int, ...]
    engagement: tuple[int, ...]


class Tempo(msgspec.Struct, frozen=True):
    """Share (‰) of the final counters reached at ages in seconds."""

    ages: tuple[int, ...]
    reached: tuple[int, ...]


class Happenings(msgspec.Struct, frozen=True):
    """Probabilities in ‰ of what happens to posts and accounts."""

    viral: int
    viral_factor: tuple[int, int]
    deleted: int
    edited: int
    hidden_post: int
    renamed: int
    silent: int
    silence_days: tuple[int, int]
    closed_in_august: int
    shock: int
    closed: int


class MentionLaw(msgspec.Struct, frozen=True):
    """The stream of what others say: per day, per 100,000 inhabitants (‰ where a share)."""

    per_day: int
    least_per_day: int
    homonyms: int
    noise_per_day: int
    deleted: int
    citizens: int


class CrisisLaw(msgspec.Struct, frozen=True):
    """Staged crises: how many a week, their length in minutes, how many messages."""

    per_week: int
    minutes: tuple[int, int]
    messages: tuple[int, int]


class Part(msgspec.Struct, frozen=True):
    """A place that the demonstration speaks of, and the part it plays."""

    name: str
    population: int
    stratum: Stratum
    part: str


class Parameters(msgspec.Struct, frozen=True):
    """The whole model."""

    version: str
    begin: str
    weights: dict[str, int]
    population_jitter: int
    strata: dict[Stratum, StratumLaw]
    engagement_by_audience: Steps
    spreads: Spreads
    weekdays: tuple[int, ...]
    months: tuple[int, ...]
    hours: Hours
    tempo: Tempo
    events: Happenings
    mentions: MentionLaw
    crises: CrisisLaw
    cast: tuple[Part, ...]


@cache
def parameters(path: Path = FILE) -> Parameters:
    """The model of a file; raises ``msgspec.ValidationError`` naming the field that is wrong."""
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Parameters)
