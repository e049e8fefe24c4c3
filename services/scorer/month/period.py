"""The months that are scored: civil months of Europe/Paris (methodology, section 4)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from libs.clock import PARIS

READABLE_FROM_DAY = 9
"""A post of the last evening may be read until its eighth day."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A civil month of Europe/Paris; `str()` gives "2026-10"."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026-10"; raises `ValueError`."""
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
            raise ValueError(f"{text!r} is not a month such as 2026-10")
        return cls(int(text[:4]), int(text[5:]))

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"

    def plus(self, months: int) -> "Month":
        """Return the month so many months later (earlier when negative)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    @property
    def start(self) -> datetime:
        """Return its first instant, UTC."""
        return datetime(self.year, self.month, 1, tzinfo=PARIS).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """Return the first instant of the next month, UTC."""
        return self.plus(1).start

    @property
    def days(self) -> int:
        """Return its number of civil days."""
        first, after = (datetime(m.year, m.month, 1, tzinfo=UTC) for m in (self, self.plus(1)))
        return (after - first).days

    @property
    def provisional_from(self) -> datetime:
        """Return the instant from which it may be computed, UTC."""
        return self._ninth(1)

    @property
    def final_from(self) -> datetime:
        """Return the instant from which it may be made final, UTC."""
        return self._ninth(2)

    def _ninth(self, later: int) -> datetime:
        then = self.plus(later)
        return datetime(then.year, then.month, READABLE_FROM_DAY, tzinfo=PARIS).astimezone(UTC)
