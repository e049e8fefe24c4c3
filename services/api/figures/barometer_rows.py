"""The rows of a year's barometer: presence and medians, and accounts that rose."""

from services.api.figures.rows import Points, Row


class BarometerCell(Row):
    """A network and category of a month (all categories where empty); medians of scored accounts.

    `engagement` is a ratio, `frequency` posts a day, capped at one as the score has it.
    """

    network: str
    category: str
    methodology: str
    present: int
    accounts: int
    scored: int
    score: float | None
    followers: float | None
    engagement: float | None
    frequency: float | None


class Progression(Row):
    """An account whose score rose beyond both margins, between two months."""

    account: str
    network: str
    handle: str
    address: str
    territory: str
    territory_name: str | None
    category: str
    origin: str
    score: Points
    low: Points
    high: Points
    previous_score: Points
    previous_low: Points
    previous_high: Points

    @property
    def gained(self) -> Points:
        """Return the points gained."""
        return self.score - self.previous_score
