"""What makes posts of an account react more or less: drawn by name, kept as the truth.

``effects.yaml`` is the law. What is drawn for an account is in its ``Effects``: the analysis of
posts is judged by them, and knows nothing of this file. Means over what an account publishes stay
those of the world without them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import msgspec
import yaml

from simulation.country.chance import Chance, happens, scaled
from simulation.country.law import Law

FILE = Path(__file__).with_name("effects.yaml")
Cause = Literal["format", "hour", "weekday", "topic", "length", "repeated"]
CAUSES: tuple[Cause, ...] = ("format", "hour", "weekday", "topic", "length", "repeated")
LONG, REPEATED = "long", "repeated"
THOUSAND = 1000
"""A factor of one: effects are in ‰."""

_Value = TypeVar("_Value")
BURST_DAYS = 3


class Effect(msgspec.Struct, frozen=True):
    """One cause: posts of a value (a format, a band of hours…) gather ``factor`` ‰ of others."""

    cause: Cause
    value: str
    factor: int


class Contests(msgspec.Struct, frozen=True):
    """‰ of accounts that run contests, of their posts, and the bounds of the factor (‰)."""

    share: int
    posts: int
    factor: tuple[int, int]


class Repeating(msgspec.Struct, frozen=True):
    """‰ of territories that say the same on all networks, and of the first posts of a day."""

    territories: int
    posts: int


class Burst(msgspec.Struct, frozen=True):
    """One viral post: ‰ of accounts, days of the world, factor (‰), followers gained (‰)."""

    share: int
    days: tuple[int, int]
    factor: tuple[int, int]
    gain: tuple[int, int]


class EffectsLaw(msgspec.Struct, frozen=True):
    """The whole file."""

    factors: tuple[int, ...]
    turned: int
    shares: dict[Cause, int]
    hours: dict[str, tuple[int, int]]
    weekdays: dict[str, tuple[int, ...]]
    long: int
    repeating: Repeating
    contests: Contests
    burst: Burst
    cast: dict[str, tuple[Effect, ...]]


class Effects(NamedTuple):
    """The effects of an account, as factors (‰) by what a post is.

    ``contest`` is a factor, 0 for who runs none. ``burst`` is the day of the viral post (0 for
    none), with its factor and the followers gained (‰). ``given`` is what was drawn.
    """

    kinds: tuple[int, ...]
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]
    themes: tuple[int, ...]
    lengths: tuple[int, int]
    sayings: tuple[int, int]
    contest: int
    repeats: bool
    burst: tuple[int, int, int]
    given: tuple[Effect, ...]


class Weights(NamedTuple):
    """How often each value is published: hours, weekdays, themes by name."""

    hours: Sequence[int]
    weekdays: Sequence[int]
    themes: Mapping[str, int]


@cache
def effects_law(path: Path = FILE) -> EffectsLaw:
    """The law of a file; raises ``msgspec.ValidationError`` naming what is wrong."""
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), EffectsLaw)


class Influence:
    """Draws the effects of accounts.

    Args:
        law: None is a world in which nothing that a post is changes what it gathers.
        engagement: what hours do to everybody (‰).
    """

    def __init__(
        self, chance: Chance, law: EffectsLaw | None, weights: Weights, engagement: Sequence[int]
    ) -> None:
        self._chance = chance
        self._law = law
        self._weights = weights
        self._engagement = tuple(engagement)
        self.texts = law or effects_law()

    def of(self, serial: int, network: Law, home: str, part: str | None, begin: int) -> Effects:
        """The effects of an account of a territory; ``begin`` is the first day of the world."""
        texts, law, weights = self.texts, self._law, self._weights
        repeats = happens(self._chance.number("repeats", home), texts.repeating.territories)
        words = self._chance.words("effects", str(serial))
        contest = 0
        if happens(words[12], texts.contests.share):
            contest = _between(texts.contests.factor, words[13])
        if law is None:
            return Effects(
                (THOUSAND,) * len(network.kinds), (THOUSAND,) * 24, (THOUSAND,) * 7,
                (THOUSAND,) * len(weights.themes), (THOUSAND, THOUSAND), (THOUSAND, THOUSAND),
                THOUSAND if contest else 0, repeats, (0, THOUSAND, 0), (),
            )  # fmt: skip
        given = self._drawn(law, words, tuple(network.kinds))
        if part is not None:
            cast, kinds = law.cast.get(part, ()), network.kinds
            given = tuple(one for one in cast if one.cause != "format" or one.value in kinds)
        days = dict(enumerate(weights.weekdays))
        short, long = _of_some("length", given, LONG, texts.long)
        apart, together = _of_some("repeated", given, REPEATED, texts.repeating.posts)
        return Effects(
            kinds=_of_kinds(given, network),
            hours=self._of_hours(given, law),
            weekdays=_table("weekday", given, days, law.weekdays),
            themes=_table("topic", given, weights.themes, {one: (one,) for one in weights.themes}),
            lengths=(short, long),
            sayings=(apart, together) if repeats else (THOUSAND, THOUSAND),
            contest=contest,
            repeats=repeats,
            burst=_burst(law, words, begin),
            given=tuple(one for one in given if one.cause != "repeated" or repeats),
        )

    def _of_hours(self, given: Sequence[Effect], law: EffectsLaw) -> tuple[int, ...]:
        """The factor of each hour: the account's own, times what the hour does to everybody."""
        bands = {name: tuple(range(*band)) for name, band in law.hours.items()}
        own = _table("hour", given, dict(enumerate(self._weights.hours)), bands)
        return tuple(
            factor * effect // THOUSAND
            for factor, effect in zip(own, self._engagement, strict=True)
        )

    def _drawn(
        self, law: EffectsLaw, words: Sequence[int], kinds: Sequence[str]
    ) -> tuple[Effect, ...]:
        values: dict[Cause, Sequence[str]] = {
            "format": kinds if len(kinds) > 1 else (),
            "hour": tuple(law.hours),
            "weekday": tuple(law.weekdays),
            "topic": tuple(self._weights.themes),
            "length": (LONG,),
            "repeated": (REPEATED,),
        }
        found: list[Effect] = []
        for rank, cause in enumerate(CAUSES):
            names, word = values[cause], words[6 + rank]
            if not names or not happens(words[rank], law.shares[cause]):
                continue
            factor = law.factors[scaled(word, len(law.factors))]
            if happens((word >> 8 & 0xFFFF) << 16, law.turned):
                factor = THOUSAND * THOUSAND // factor
            found.append(Effect(cause, names[(word & 0xFF) % len(names)], factor))
        return tuple(found)


def _of_kinds(given: Sequence[Effect], network: Law) -> tuple[int, ...]:
    """The factor of each kind of post: the account's own, times what it does on the network."""
    kinds = {kind: weight for kind, (weight, _) in network.kinds.items()}
    own = _table("format", given, kinds, {kind: (kind,) for kind in kinds})
    return tuple(
        factor * effect // THOUSAND
        for factor, (_, effect) in zip(own, network.kinds.values(), strict=True)
    )


def _of_some(cause: Cause, given: Sequence[Effect], name: str, share: int) -> tuple[int, ...]:
    """The factors of posts that are not so, and of those (a share, ‰) that are."""
    return _table(cause, given, {"": THOUSAND - share, name: share}, {name: (name,)})


def _burst(law: EffectsLaw, words: Sequence[int], begin: int) -> tuple[int, int, int]:
    """The viral post of an account, if it has one: day, factor, followers gained."""
    if not happens(words[14], law.burst.share):
        return (0, THOUSAND, 0)
    return (
        begin + _between(law.burst.days, words[15]),
        _between(law.burst.factor, words[15] ^ words[14]),
        _between(law.burst.gain, words[13] ^ words[12]),
    )


def _between(bounds: tuple[int, int], word: int) -> int:
    return bounds[0] + scaled(word, bounds[1] - bounds[0])


def _table(
    cause: Cause,
    given: Sequence[Effect],
    weights: Mapping[_Value, int],
    groups: Mapping[str, Sequence[_Value]],
) -> tuple[int, ...]:
    """The factor (‰) of each value, in the order of ``weights``, whose weighted mean is 1000."""
    factors = dict.fromkeys(weights, THOUSAND)
    for one in given:
        if one.cause == cause:
            factors.update(dict.fromkeys(groups[one.value], one.factor))
    total = sum(weights.values())
    mean = sum(weight * factors[value] for value, weight in weights.items())
    return tuple(factor * THOUSAND * total // mean for factor in factors.values())
