"""Draws that depend on a seed, a purpose and a subject, and on nothing else.

Every draw is a BLAKE2b digest read as integers: no generator with a state, no hash of
Python, no floating point. Two processes, two machines and two versions of Python draw
the same numbers, in any order.
"""

from functools import cache
from hashlib import blake2b
from math import exp, gcd
from statistics import NormalDist
from struct import Struct

WORDS = 16
"""How many 32-bit numbers one digest gives."""

SPAN = 1 << 32
"""Each number of a digest is in [0, SPAN)."""

_READ = Struct("<16I").unpack


class Chance:
    """The draws of one world.

    Args:
        seed: any text; another seed is another world.
    """

    __slots__ = ("_key", "seed")

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._key = blake2b(seed.encode(), digest_size=32, person=b"simulation").digest()

    def words(self, purpose: str, subject: str) -> tuple[int, ...]:
        """Sixteen independent numbers in [0, 2^32) for one subject and purpose."""
        data = f"{purpose}\x1f{subject}".encode()
        return _READ(blake2b(data, digest_size=64, key=self._key).digest())

    def number(self, purpose: str, subject: str, bound: int = SPAN) -> int:
        """One number in [0, bound), bound at most 2^32."""
        return self.words(purpose, subject)[0] * bound >> 32

    def token(self, purpose: str, subject: str, size: int = 16) -> bytes:
        """Some bytes, for identifiers (64 at most)."""
        data = f"{purpose}\x1f{subject}".encode()
        return blake2b(data, digest_size=size, key=self._key).digest()


def scaled(word: int, bound: int) -> int:
    """A number of a digest brought to [0, bound)."""
    return word * bound >> 32


def happens(word: int, per_mille: int) -> bool:
    """Whether an event of a probability given in thousandths happens."""
    return word * 1000 < per_mille << 32


@cache
def wheel(weights: tuple[int, ...]) -> tuple[int, ...]:
    """4096 equal places shared among weights: which index each place falls on.

    A draw is ``wheel(weights)[word >> 20]``: one look, whatever the number of weights.
    """
    total = sum(weights)
    places: list[int] = []
    reached = 0
    for index, weight in enumerate(weights):
        reached += weight
        places.extend([index] * (reached * PLACES // total - len(places)))
    return tuple(places)


def weighted(word: int, weights: tuple[int, ...]) -> int:
    """The index drawn among integer weights."""
    return wheel(weights)[word >> 20]


PLACES = 4096
QUANTILES = 1024
"""Steps of a drawn law; `PLACES` those of a draw by weights."""


@cache
def spread(sigma_per_mille: int) -> tuple[int, ...]:
    """Quantiles, in thousandths, of a log-normal of median 1 (1000) and given sigma.

    The only place where floating point is used: values are rounded to integers far from
    the last digits on which two mathematical libraries could differ.
    """
    normal = NormalDist()
    sigma = sigma_per_mille / 1000
    return tuple(
        round(1000 * exp(sigma * normal.inv_cdf((index + 0.5) / QUANTILES)))
        for index in range(QUANTILES)
    )


def skewed(word: int, sigma_per_mille: int) -> int:
    """A factor in thousandths drawn from a log-normal of median 1000."""
    return spread(sigma_per_mille)[word >> 22]


@cache
def arrivals(rate_per_mille: int) -> tuple[int, ...]:
    """Thresholds in [0, 2^32] of a Poisson law of mean ``rate_per_mille`` thousandths.

    The number of thresholds at or below a word is the number of arrivals.
    """
    mean = rate_per_mille / 1000
    probability = exp(-mean)
    total = probability
    thresholds: list[int] = []
    for count in range(1, 40):
        threshold = round(total * 1_000_000_000) * SPAN // 1_000_000_000
        if threshold >= SPAN:
            break
        thresholds.append(threshold)
        probability *= mean / count
        total += probability
    return tuple(thresholds)


def shuffled_index(index: int, size: int, chance: Chance, purpose: str) -> int:
    """Where an index goes in a permutation of [0, size) that depends on the seed.

    Affine, with a multiplier prime to the size: cheap, and needs no table.
    """
    words = chance.words("permutation", purpose)
    step = 2 * scaled(words[0], size // 2) + 1
    while gcd(step, size) != 1:
        step += 2
    return (index * step + words[1]) % size
